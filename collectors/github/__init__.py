"""GitHub's API, as the source "github" uses it."""
