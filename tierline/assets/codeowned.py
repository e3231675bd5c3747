"""Which team a CODEOWNERS file names for an asset, by the paths where its code usually stands. What the github source
has read of each repository is in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collectors.codeowners import Rule, deciding, team
from slo.store import Store

EVERYTHING = ("*", "**", "/", "/**")
"""Patterns that say whose the repository is, and nothing of a file in it."""


@dataclass(frozen=True)
class File:
    """One repository's rules, in the file's order."""

    repository: str
    rules: tuple[Rule, ...]


def files(store: Store) -> list[File]:
    """The CODEOWNERS files that any source remembers."""
    found = []
    for source in store.sources():
        memory = store.source_state(source).get("memory") or {}
        for repository, told in sorted((memory.get("codeowners") or {}).items()):
            found.append(File(repository, tuple(_rule(*rule) for rule in told["rules"])))
    return found


def _rule(pattern: str, name: str | None, line: int) -> Rule:
    """A rule as the store remembers it: reduced to its team."""
    return Rule(pattern, (f"@teams/{name}",) if name else (), line)


class CodeOwned:
    """Answers whose an asset's code is."""

    def __init__(self, found: list[File]) -> None:
        self.files = found

    def __call__(self, asset: str, kind: str | None) -> tuple[str, str] | None:
        """The team and the sentence; None where no rule of its own matches, or repositories name different teams."""
        said = [one for file in self.files for path in paths(asset, kind) if (one := _owned(file, path)) is not None]
        teams = {team for team, _ in said}
        return said[0] if len(teams) == 1 else None


def paths(asset: str, kind: str | None) -> Iterator[str]:
    """Where an asset's code stands by custom: dags/<dag>.py; models/<schema>/<table>.sql."""
    last = asset.rpartition("/")[2]
    if kind == "pipeline":
        yield f"dags/{last}.py"
    elif kind == "dataset" and "." in last:
        *_, schema, table = last.lower().split(".")
        yield f"models/{schema}/{table}.sql"


def _owned(file: File, path: str) -> tuple[str, str] | None:
    rule = deciding(file.rules, path)
    named = team(file.rules, path)
    if rule is None or named is None or rule.pattern in EVERYTHING:
        return None
    return named, f"CODEOWNERS of {file.repository}, line {rule.line} ({rule.pattern}), names {named} for {path}"
