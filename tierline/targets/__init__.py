"""The user's own targets/ folder: adopting a published row, freezing a baseline, first targets from history."""
