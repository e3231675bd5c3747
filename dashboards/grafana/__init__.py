"""Grafana dashboards over the metrics, from the same catalogue: overview, objectives, sources.

Built with Grafana's own foundation SDK, which only this room needs: ``python -m dashboards.grafana`` writes the JSON
that is shipped in config/grafana/dashboards/, and a test fails when it is stale.
"""
