"""CODEOWNERS: which team owns a path. Pure; GitHub's rules.

The last rule that matches a path decides; one without owners takes ownership away. A pattern without a slash matches at
any depth, ``docs/*`` only what lies directly in the folder, any other pattern also what lies below what it names.
What GitHub ignores as broken (``!``, ``[``, an escaped ``#``) is ignored here.

>>> rules = parse("*  @acme/platform\\n/dags/finance/  @acme/finance-data @pat")
>>> owners(rules, "dags/finance/load.py"), team(rules, "dags/finance/load.py"), team(rules, "README.md")
(('@acme/finance-data', '@pat'), 'finance-data', 'platform')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collectors.git.repo import as_regex

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file; the first that exists counts."""
_COMMENT = re.compile(r"(?:^|\s)#.*")
_WORD = re.compile(r"(?:\\.|\S)+")
_TEAM = re.compile(r"@[\w.-]+/([\w./-]+)")
_IGNORED = re.compile(r"^!|\[|^\\#")


@dataclass(frozen=True)
class Rule:
    """One line: what it matches, and the owners it names (``@org/team``, ``@login`` or an e-mail address)."""

    pattern: str
    owners: tuple[str, ...]
    line: int

    def matches(self, path: str) -> bool:
        """Whether the path (from the repository's top, with or without a leading slash) falls under the rule."""
        return re.fullmatch(_regex(self.pattern), path.lstrip("/")) is not None


def parse(text: str) -> list[Rule]:
    """The rules of a file, in its order."""
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        words = _WORD.findall(_COMMENT.sub("", line))
        if words and not _IGNORED.search(words[0]):
            rules.append(Rule(words[0].replace("\\ ", " "), tuple(words[1:]), number))
    return rules


def deciding(rules: Sequence[Rule], path: str) -> Rule | None:
    """The rule that decides a path: the last that matches it; None where nothing does."""
    return next((rule for rule in reversed(rules) if rule.matches(path)), None)


def owners(rules: Sequence[Rule], path: str) -> tuple[str, ...]:
    """Who owns a path, as the file writes it; nobody where no rule matches or the deciding one names nobody."""
    rule = deciding(rules, path)
    return rule.owners if rule else ()


def team(rules: Sequence[Rule], path: str, names: Mapping[str, str] | None = None) -> str | None:
    """The first team that owns a path. ``names``: GitHub's team name -> what the team is called here. Persons (a login,
    an e-mail address) are never told."""
    return first_team(owners(rules, path), names)


def first_team(owners: Iterable[str], names: Mapping[str, str] | None = None) -> str | None:
    """The first owner that is a team, by its name."""
    slugs = (_TEAM.fullmatch(owner) for owner in owners)
    slug = next((found[1] for found in slugs if found), None)
    return slug and (names or {}).get(slug, slug)


def team_of_all(rules: Sequence[Rule], paths: Iterable[str], names: Mapping[str, str] | None = None) -> str | None:
    """The team that owns most of these paths; of several with as many, the first by name. None where none is owned."""
    count = Counter(found for found in (team(rules, path, names) for path in paths) if found)
    return min(count, key=lambda name: (-count[name], name), default=None)


def _regex(pattern: str) -> str:
    """The pattern as a regular expression of whole paths."""
    body = pattern.strip("/")
    anywhere = "/" not in pattern.rstrip("/")
    below = "/.*" if pattern.endswith("/") else "" if body.endswith("/*") else "(?:/.*)?"
    return ("(?:.*/)?" if anywhere else "") + as_regex(body) + below
