"""FOCUS cost files, as the source "focus" uses them."""
