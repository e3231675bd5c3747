"""Spans of time as people write them, and names of time zones."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(value: Any) -> Any:
    """``90s``, ``5m``, ``2h``, ``1d`` as a timedelta; anything else as it is, for pydantic to judge."""
    match = _SPAN.match(value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[match[2]]: float(match[1])}) if match else value


Span = Annotated[timedelta, BeforeValidator(span, json_schema_input_type=str | float)]


def zone(name: str) -> str:
    """The name itself. Raises ValueError where no such zone is known."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; write an IANA name such as Europe/Berlin or UTC") from None
    return name
