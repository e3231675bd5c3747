"""The demo platform: a deterministic year of a mid-size data platform that knows its own truth."""
