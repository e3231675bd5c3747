"""Jira Cloud's API, as the source "jira" uses it."""
