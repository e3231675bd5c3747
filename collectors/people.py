"""Owners are teams: at the door a person becomes a team, and nothing about an individual goes further."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
FIELDS = ("owner", "team", "by", "audience")
"""Fields that may hold a person's name."""


def team_of(name: str, people: Mapping[str, str]) -> str | None:
    """The team behind a name: mapped where the mapping knows it (upper and lower case alike), itself where it is no
    e-mail address, None where it is a person nobody has mapped."""
    plain = name.strip()
    mail = _MAIL.search(plain)
    for key in (plain, mail.group() if mail else plain):
        for person, team in people.items():
            if person.casefold() == key.casefold():
                return team
    return None if mail or not plain else plain


def teams_only(record: dict[str, Any], people: Mapping[str, str]) -> dict[str, Any]:
    """The record with every person replaced by a team, or left out."""
    changed = {key: team_of(record[key], people) for key in FIELDS if isinstance(record.get(key), str)}
    return {**record, **changed} if changed else record
