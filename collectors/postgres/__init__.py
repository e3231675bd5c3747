"""PostgreSQL as a warehouse, as the source "postgres" uses it."""
