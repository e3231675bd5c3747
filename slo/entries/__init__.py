"""Entries of registers as KPIs count them: by one of their moments, in the scope of their own team and tier."""

from slo.entries.counted import OfEntries

__all__ = ["OfEntries"]
