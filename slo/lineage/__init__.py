"""Lineage: what a failure began with, what rests on an asset, whom it inherits from."""
