"""Time spans as people write them in settings: ``90s``, ``5m``, ``2h``, ``1d``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(value: Any) -> Any:
    """The text as a timedelta; anything else as it is, for pydantic to judge. Raises ValueError for what no timedelta
    holds."""
    match = _SPAN.match(value) if isinstance(value, str) else None
    try:
        return timedelta(**{_UNITS[match[2]]: float(match[1])}) if match else value
    except OverflowError:
        raise ValueError("is longer than time is counted") from None


Span = Annotated[timedelta, BeforeValidator(span, json_schema_input_type=str | float)]
