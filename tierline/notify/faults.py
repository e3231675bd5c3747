"""What goes wrong when a message is sent, and when it is tried again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.patience import seconds_asked
from collectors.secrets import starred
from slo.errors import RetriableError, SourceError, StoreError

if TYPE_CHECKING:
    from tierline.notify.message import Message
    from tierline.notify.outlets import Outlet

AGAIN = timedelta(minutes=15)
"""How long what failed is left alone."""
LONGEST = 3600.0
"""Seconds that a receiver is left alone at most, whatever it asks for: an alert must not wait for a year."""
UNSAID = 30.0
"""Seconds where it does not say how long, or nothing that can be understood."""


class Busy(RetriableError):
    """The receiver asks to wait; ``seconds``: how long, from 0 to LONGEST."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = min(max(0.0, seconds), LONGEST) if math.isfinite(seconds) else UNSAID


class Refused(SourceError):
    """It surely did not arrive, and as it is it never will: a person must mend something."""


def raise_for(who: str, status: int, word: str, headers: Mapping[str, Any], remedy: str) -> None:
    """Nothing below 400, else what the answer means: Busy, RetriableError or Refused."""
    if status < 400:
        return
    said = f"{who} answered {status}{f', {starred(word[:80])}' if word else ''}"
    if status == 429:
        raise Busy(f"{said}; it asks to wait", _seconds(headers))
    if status >= 500:
        raise RetriableError(f"{said}; it may work later")
    raise Refused(f"{said}; {remedy}")


def _seconds(headers: Mapping[str, Any]) -> float:
    """What Retry-After asks for, in seconds."""
    told = {key.lower(): value for key, value in headers.items()}.get("retry-after")
    said = seconds_asked(str(next(iter(told), "") if isinstance(told, list) else told))
    return UNSAID if said is None else said


def delivered(to: Outlet, message: Message) -> None:
    """Hands the message over. Raises Busy, RetriableError, Refused or SourceError; nothing else: what no way foresees
    comes of what is written in the settings, so it is a person's to mend, and is tried again."""
    try:
        to.deliver(message)
    except SourceError:
        raise
    except Exception as error:
        # Its text may quote the URL.
        raise Refused(f"{to.title}: unexpected {type(error).__name__}; check what the settings say of it") from None


def asked(error: Exception) -> timedelta:
    """How long the receiver asks to be left alone."""
    return timedelta(seconds=error.seconds) if isinstance(error, Busy) else timedelta(0)


def again(error: Exception, moment: datetime) -> str:
    """Not before when it is tried again (ISO text): what did not arrive, also where a person must mend something first;
    "" where it may have arrived, or waiting changes nothing."""
    if not isinstance(error, RetriableError | Refused | StoreError):
        return ""
    return (moment + max(AGAIN, asked(error))).isoformat()
