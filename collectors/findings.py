"""One capability tried out, as a line of ``tierline check --connect``."""

from __future__ import annotations

from collections.abc import Callable

from collectors.base import Finding
from slo.errors import PermissionMissing, SourceError


def finding(what: str, call: Callable[[], str], grants: str) -> Finding:
    """What ``call`` says of the capability. ``grants`` is the remedy where a right is missing; any other error has its
    own."""
    try:
        return Finding(True, f"{what}: {call()}")
    except PermissionMissing as error:
        return Finding(False, f"{what}: {str(error).split('. This needs: ')[0]}", grants)
    except SourceError as error:
        return Finding(False, f"{what}: {error}")
