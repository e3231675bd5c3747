"""Assets that are new: how they looked within days of being first seen."""

from slo.newcomers.base import Look, OfNewcomers

__all__ = ["Look", "OfNewcomers"]
