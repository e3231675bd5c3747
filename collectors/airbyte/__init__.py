"""Airbyte's API, as the source "airbyte" uses it."""
