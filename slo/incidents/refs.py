"""References between facts: ``source/id``; a bare id means the own source first, else the only match, else nothing."""

from __future__ import annotations

from collections.abc import Iterable

from slo.facts import Fact
from slo.view import View


def resolve(view: View, kind: str, reference: str | None, own_source: str) -> tuple[str, str] | None:
    """(source, id) of the fact a reference names, or None."""
    if not reference:
        return None
    return (
        _named(view, kind, reference)
        or _only(view, kind, reference, [own_source])
        or _only(view, kind, reference, None)
    )


def namesakes(view: View, kind: str, facts: Iterable[Fact]) -> list[Fact]:
    """Facts that references to these mean instead where these are not there: of the same id, or of another source and
    id that give the same words ("x/d" is the fact d of x, else the one whose own id is "x/d")."""
    wanted, words, bare = set[str](), set[str](), set[str]()
    for fact in facts:
        word = f"{fact.source}/{fact.id}"
        words.add(word)
        bare |= {fact.id, word}
        wanted |= {fact.id, word, *(word[place + 1 :] for place, letter in enumerate(word) if letter == "/")}
    found: list[Fact] = view.read(kind, {"id": sorted(wanted)}) if wanted else []
    return [one for one in found if one.id in bare or f"{one.source}/{one.id}" in words]


def _named(view: View, kind: str, reference: str) -> tuple[str, str] | None:
    """source/id, where the source (or the id) may itself hold a slash."""
    for place in (index for index, letter in enumerate(reference) if letter == "/"):
        source, fact_id = reference[:place], reference[place + 1 :]
        if source and fact_id and view.read(kind, {"source": source, "id": fact_id}):
            return source, fact_id
    return None


def _only(view: View, kind: str, fact_id: str, sources: list[str] | None) -> tuple[str, str] | None:
    where = {"id": fact_id} | ({} if sources is None else {"source": sources[0]})
    found = view.read(kind, where)
    return (found[0].source, found[0].id) if len(found) == 1 else None
