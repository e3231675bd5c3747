"""The heart: facts in, states and results out. Imports neither collectors nor dashboards."""
