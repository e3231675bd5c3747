"""Snowflake's SQL API, as the source "snowflake" uses it."""
