"""The ways out: metrics, pages and reports, all drawn from stored results."""
