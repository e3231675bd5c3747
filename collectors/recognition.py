"""Which system an address belongs to: first by its looks, then by what it answers to anybody.

No plugin is named here: each says of itself what it recognises (``Source.recognises``) and how it answers
(``Source.probes``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from collectors import registry
from collectors.base import Source
from collectors.http import connection_error

PATIENCE = (5.0, 5.0)
"""Seconds to connect, seconds without a byte: somebody sits and waits."""
MOST_READ = 65_536
"""Bytes of an answer that are looked at."""


@dataclass(frozen=True)
class Guess:
    """A plugin that an address may belong to, and the settings that the address stands for."""

    plugin: type[Source]
    settings: Mapping[str, Any] = field(default_factory=dict)


def is_url(place: str) -> bool:
    """Whether it is an address of HTTP, and no path."""
    return place.startswith(("http://", "https://"))


def recognise(place: str) -> list[Guess]:
    """The systems that the address may belong to: one where it is plain, none where nobody knows it. Raises
    RetriableError or SourceError where an address answers nobody."""
    plugins = registry.plugins().values()
    looks = [Guess(kind, told) for kind in plugins if (told := kind.recognises(place)) is not None]
    if looks or not is_url(place):
        return looks
    return list(_answering(place.rstrip("/"), [kind for kind in plugins if kind.probes]))


def _answering(base: str, plugins: list[type[Source]]) -> Iterator[Guess]:
    """The plugins whose probe is answered as their system answers it."""
    answers: dict[str, str] = {}
    with requests.Session() as session:
        for kind in plugins:
            for path, word in kind.probes.items():
                if path not in answers:
                    answers[path] = _answer(session, base + path)
                if word in answers[path]:
                    yield Guess(kind, {"url": base})
                    break


def _answer(session: requests.Session, url: str) -> str:
    """The start of what a URL answers without any credential; "" for an error, as most addresses give most paths."""
    try:
        with session.get(url, timeout=PATIENCE, stream=True, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != 200:
                return ""
            return next(answer.iter_content(MOST_READ), b"").decode("utf-8", "replace")
    except requests.RequestException as error:
        raise connection_error(url, error) from None
