"""Alertmanager's silences as exclusions: what their matchers silence, as patterns over asset names.

A silence is no proof of maintenance, so it counts only where the settings say so, and only where it silences whole
assets: one of a single noisy rule says nothing about the others.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from slo.errors import FactError

Fact = dict[str, Any]
PLACE = re.compile(r"\{(\w+)\}")
"""A label in the template of asset names."""
FIELDS = ("assets", "start", "end", "reason", "ref")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_TOKEN = re.compile(r"\.\*|\.\+|\\[^A-Za-z0-9]|[^\\()\[\]{}*+?^$|]")
_WILD = {".*": "*", ".+": "?*", ".": "?"}
_MOST = 100
"""Patterns of one silence; what names more is meant otherwise."""


def exclusions(silence: Mapping[str, Any], template: str | None, beside: Sequence[str]) -> Iterator[Fact]:
    """The exclusions of a silence: one for each asset pattern it names. Raises FactError where it cannot be read."""
    try:
        patterns = asset_patterns(silence["matchers"], template, beside)
        span = {"start": silence["startsAt"], "end": silence["endsAt"]}
        common = {"fact": "exclusion", "revised_at": silence["updatedAt"]}
        for number, pattern in enumerate(patterns):
            key = str(silence["id"]) + (f"#{number}" if len(patterns) > 1 else "")
            if span["start"] == span["end"]:  # taken back before it began
                yield {**common, "id": key, "deleted": True}
            else:
                reference = remark(silence.get("comment"), silence.get("createdBy"))
                yield {**common, "id": key, "assets": pattern, **span, "reason": "maintenance", "ref": reference}
    except (KeyError, TypeError, AttributeError) as error:
        raise FactError(f"silence: {type(error).__name__} {error}; expected matchers, startsAt and endsAt") from None


def remark(comment: str | None, author: str | None) -> str | None:
    """The comment without anybody's address, and without the name of who wrote it."""
    text = _MAIL.sub("…", comment or "")
    if author:
        text = re.sub(rf"(?i)\b{re.escape(author)}\b", "…", text)
    return text.strip()[:200] or None


def asset_patterns(matchers: Iterable[Mapping[str, Any]], template: str | None, beside: Sequence[str]) -> list[str]:
    """Patterns over asset names, none where the silence names no asset as a whole: where a label of the template is
    not matched, or one is that narrows it further."""
    labels = PLACE.findall(template or "")
    values = {matcher["name"]: _values(matcher) for matcher in matchers if matcher["name"] not in beside}
    if not labels or set(values) != set(labels):
        return []
    chosen = [[(label, value) for value in values[label]] for label in dict.fromkeys(labels)]
    found = [_filled(str(template), dict(choice)) for choice in product(*chosen)]
    return found if len(found) <= _MOST else []


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template, its own words taken literally, with patterns in the place of its labels."""
    parts = PLACE.split(template)
    return "".join(values[part] if place % 2 else glob.escape(part) for place, part in enumerate(parts))


def _values(matcher: Mapping[str, Any]) -> list[str]:
    """What a matcher matches, as patterns; none where a pattern cannot say it (a negation, a set of characters)."""
    if matcher.get("isEqual") is False or not matcher["value"]:
        return []
    if not matcher.get("isRegex"):
        return [glob.escape(matcher["value"])]
    found = [_pattern(part) for part in matcher["value"].split("|")]
    return [] if None in found else [part for part in found if part is not None]


def _pattern(expression: str) -> str | None:
    """A simple regular expression (letters, dots, .* and .+) as a shell pattern; None for any other."""
    tokens = _TOKEN.findall(expression)
    if not expression or "".join(tokens) != expression:
        return None
    return "".join(_WILD.get(token) or glob.escape(token.removeprefix("\\")) for token in tokens)
