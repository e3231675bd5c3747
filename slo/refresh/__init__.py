"""Keeping states up to date: what changed is heard, what it marks is worked out anew."""

from __future__ import annotations

from slo.refresh.refresher import Refresher

__all__ = ["Refresher"]
