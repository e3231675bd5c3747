"""OpenSLO v1, out and in. Documents are plain data; what either side cannot say is told as a loss (docs/openslo.md)."""
