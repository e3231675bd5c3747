"""What every document that is written has: its head, names that all readers take, and how it looks as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from dashboards.openslo.documents import VERSION

Document = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How the documents are written: where Prometheus is, the platform's zone, who is told, and by what (None: that
    document is left to the reader's side)."""

    url: str
    zone: str
    team: str = "platform"
    notify: str | None = None
    file: str = "-"


class _Plain(yaml.SafeDumper):
    """What stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def document(kind: str, name: str, spec: Document, title: str = "") -> Document:
    metadata = {"name": name} | ({"displayName": title} if title else {})
    return {"apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def named(text: str) -> str:
    """A name as RFC 1123 has it: what every reader must take."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")


def as_yaml(documents: Iterable[Any]) -> str:
    """The documents one after the other, keys in their order."""
    return str(yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110))
