"""Databases that are asked by SQL, as the source "sql" uses them."""
