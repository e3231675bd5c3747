"""One capability tried out, as a line of ``tierline check --connect``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from collectors.base import Finding
from slo.errors import PermissionMissing, SourceError

_REFUSED = re.compile(r"HTTP 401\b|Invalid JWT", re.IGNORECASE)
"""How systems say that the credentials themselves are no good, whatever rights they might have had."""


def finding(what: str, call: Callable[[], str], grants: str) -> Finding:
    """What ``call`` says of the capability. ``grants`` is the remedy where a right is missing; any other error has its
    own."""
    try:
        return Finding(True, f"{what}: {call()}")
    except PermissionMissing as error:
        return Finding(False, f"{what}: {str(error).split('. This needs: ')[0]}", grants)
    except SourceError as error:
        return Finding(False, f"{what}: {error}")


def credentials_first(found: Sequence[Finding]) -> list[Finding]:
    """Where the credentials themselves are refused, one line says so in place of every capability's own: a right that
    is granted would not help. What works, and what fails otherwise, stays."""
    refused = [one for one in found if not one.ok and _REFUSED.search(f"{one.what} {one.remedy}")]
    if len(refused) < 2:
        return list(found)
    line = Finding(False, f"signing in: {refused[0].what}", "The credentials are refused, before any right is asked "
                   "for: is it the right variable, is the value whole, has it expired?")  # fmt: skip
    return [line, *(one for one in found if one not in refused)]
