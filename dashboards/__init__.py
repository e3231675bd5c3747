"""The ways out: metrics, pages and reports, all drawn from stored results.

The doors: app.py (the pages), exporter.py (/metrics), digest.py, and the rooms report/ and export/. Behind them stand
reading/ (the snapshot they draw), wording/ (said in plain words), format/ (rounded), figures/ (charts), parts/ (what
pages are made of), pages/ (one file a page) and site/ (what serves them).
"""
