"""Checks in a row: the failures of one check until it passes again are one episode (kpi_rules, section 5)."""
