"""Owners are teams: at the door a person becomes a team, and nothing about an individual goes further. A text loses the
e-mail addresses in it; a name in it cannot be told from other words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
FIELDS = ("owner", "team", "by", "audience")
"""Fields that may hold a person's name."""
TEXTS = ("title", "description", "ref", "rule", "cause", "tags")
"""Fields that hold what people wrote."""
_WRITTEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
"""An address within a text; actions/checkout@v4.1 is none."""


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
    """The record with every person replaced by a team, or left out, and without addresses in its texts."""
    changed = {key: team_of(record[key], people) for key in FIELDS if isinstance(record.get(key), str)}
    written = {key: impersonal(record[key]) for key in TEXTS if record.get(key)}
    return {**record, **changed, **written}


def impersonal(told: Any) -> Any:
    """A text, or a list of them, without anybody's address."""
    if isinstance(told, list | tuple):
        return [impersonal(one) for one in told]
    return _WRITTEN.sub("…", told) if isinstance(told, str) else told
