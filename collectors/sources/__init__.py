"""The shelf of sources: one file each, found by file name."""
