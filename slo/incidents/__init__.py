"""Incidents and alerts as KPIs count them, and what is found out about them."""
