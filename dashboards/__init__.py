"""The ways out: metrics, pages and reports, all drawn from stored results.

The doors: app.py (the pages), exporter.py (/metrics), digest.py, notice.py (a message of what has changed), and the
rooms report/, export/, rules/ (for Prometheus), grafana/ and openslo/. Behind them stand metrics/ (families), reading/
(the snapshot they draw), wording/ (said in plain words), format/ (rounded), figures/ (charts), parts/ (what pages are
made of), pages/ (one file a page) and site/ (what serves them).
"""
