"""Secrets never reach a log line or a message: what is registered here is shown as ``***``.

``star`` registers values; ``starred`` cleans a text. The first registration also makes every log record clean, whoever
writes it (urllib3 logs whole URLs at DEBUG).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretStr

STARS = "***"
_SHORTEST = 3
"""Shorter values would star half of every text."""

_secrets: set[str] = set()
_USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_QUERY = re.compile(
    r"(?i)([?&](?:access_token|token|api[-_]?key|key|password|passwd|secret|client_secret|sig|signature|code)=)[^&\s'\"]+"
)
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9+/=._~-]{8,}")


def star(*values: str | SecretStr | None) -> None:
    """Registers secrets, also as they look inside a URL. Empty and very short values are left out."""
    for value in values:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain and len(plain) >= _SHORTEST:
            _secrets.update({plain, quote(plain, safe=""), quote_plus(plain)})
    if _secrets:
        _install()


def star_settings(settings: BaseModel) -> None:
    """Registers every secret a source's settings hold, however deep."""
    for value in vars(settings).values():
        _star_in(value)


def _star_in(value: Any) -> None:
    if isinstance(value, SecretStr):
        star(value)
    elif isinstance(value, BaseModel):
        star_settings(value)
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            _star_in(item)


def starred(text: Any) -> str:
    """The text without registered secrets, a URL's user and password, key-like query values and credentials."""
    clean = _USERINFO.sub(STARS, str(text))
    clean = _QUERY.sub(rf"\g<1>{STARS}", clean)
    clean = _HEADER.sub(rf"\g<1> {STARS}", clean)
    # Last: a secret such as "key" would star the very words that the others are found by.
    for secret in sorted(_secrets, key=len, reverse=True):
        clean = clean.replace(secret, STARS)
    return clean


def _install() -> None:
    """Wraps the log record factory once, so that a record is clean before any handler sees it."""
    make = logging.getLogRecordFactory()
    if getattr(make, "stars", False):
        return

    def clean(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        text = record.getMessage()
        safe = starred(text)
        if safe != text:
            record.msg, record.args = safe, ()
        return record

    clean.stars = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(clean)
