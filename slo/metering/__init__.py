"""Meters and distributions as KPIs read them: two readings that belong together, buckets of times, levels, costs."""
