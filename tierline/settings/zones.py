"""Names of time zones."""

from __future__ import annotations

from zoneinfo import ZoneInfo


def zone(name: str) -> str:
    """The name itself. Raises ValueError where no such zone is known."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; write an IANA name such as Europe/Berlin or UTC") from None
    return name
