"""The shelf of KPIs: one file each, named by the KPI's id, found by file name."""
