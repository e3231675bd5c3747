"""The configuration: found, read, validated as a whole, secrets followed; then handed on as the heart's Platform and
as ready sources."""

from __future__ import annotations

from tierline.config.finding import PLACES, find, judge, load
from tierline.config.valid import DECISIONS, HOLIDAY_YEARS, Config, Configured

__all__ = ["DECISIONS", "HOLIDAY_YEARS", "PLACES", "Config", "Configured", "find", "judge", "load"]
