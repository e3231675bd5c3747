"""Alertmanager's API, as the source "alertmanager" uses it."""
