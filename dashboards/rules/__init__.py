"""Prometheus' side of the watch: recording and alerting rules, their unit tests, a route for Alertmanager.

The rules quote what Tierline has worked out and never work it out anew. ``tierline rules`` writes them.
"""

from dashboards.rules.files import FILES, Asked, files, rules

__all__ = ["FILES", "Asked", "files", "rules"]
