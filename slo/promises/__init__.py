"""Promises: a published row, its adoption, what it means at a platform's own volume, and a profile's card."""
