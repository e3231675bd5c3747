"""An explanation on a terminal: the number, its formula, what was left out, what moved it, the facts behind it."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboards import format as shown
from dashboards.reading import scope
from dashboards.wording import answering, drivers, promises, versions, words
from tierline.tables import pairs, table

Told = Mapping[str, Any]
WIDE = 110
"""From how many columns on a bar stands beside each driver, and a fact takes one line."""
MOST_LISTED = 40
"""Facts a table shows; JSON holds all that the engine tells."""
BAR = 12


def columns() -> int:
    """The terminal's width; 120 where there is none."""
    return shutil.get_terminal_size((120, 24)).columns


def lines(told: Told, profile: str | None = None) -> Iterator[str]:
    """All of it, block by block. ``profile``: the one that was asked for."""
    result = told["result"]
    status = shown.status(scope.profile_status(result, profile))
    yield f"{result['title']}: {shown.value(result)}  {status.shape} {status.word}"
    yield ""
    yield from _rows(_basis(told, profile))
    yield from _left_out("Left out", told["excluded"], result)
    yield from _left_out("Unknown", told["unknown"], result)
    yield from moved(told["drivers"], result)
    yield from _facts(told)


def _basis(told: Told, profile: str | None) -> list[tuple[str, str]]:
    """What the number rests on."""
    result = told["result"]
    entry = scope.headline(result, profile)
    rows = [
        ("window", _window(result)), ("scope", words.subject(result["scope"])),
        ("target", promises.target(result, profile) or ""), ("formula", told["formula"]),
        ("in figures", told["figures"]), ("not counted", told.get("not_counted") or ""),
        ("coverage", shown.coverage(result)), ("definition", f"version {told['versions']['definition']['version']}"),
        ("target version", versions.target(told["versions"], entry) if entry else ""),
        *(("beside", f"{term}: {text}") for term, text in answering.beside(result)),
        *(("note", caveat) for caveat in result["caveats"]),
    ]  # fmt: skip
    return [(name, text) for name, text in rows if text]


def _window(result: Told) -> str:
    start, end = (datetime.fromisoformat(result["window"][side]) for side in ("start", "end"))
    as_of = datetime.fromisoformat(result["as_of"])
    return (
        f"{result['window']['name']}: {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}, as of {as_of:%Y-%m-%d %H:%M %Z}"
    )


def _rows(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """``name  text`` lines, the text within the terminal."""
    indent = max(len(name) for name, _ in rows) + 2
    for name, text in rows:
        first, *more = textwrap.wrap(text, max(30, columns() - indent), break_on_hyphens=False) or [""]
        yield f"{name:<{indent}}{first}"
        yield from (" " * indent + line for line in more)


def _left_out(title: str, parts: Sequence[Told], result: Told) -> Iterator[str]:
    if parts:
        say = shown.duration if shown.in_seconds(result) else shown.count
        yield f"\n{title}, by reason:"
        yield pairs([(f"  {part['reason']}", say(part["n"])) for part in parts])


# What moved it


def moved(told: Told, result: Told) -> Iterator[str]:
    """The drivers: a sentence, then the dimension that says most."""
    yield "\nWhat moved it"
    if told["missing"] is not None:
        yield f"  {drivers.empty(told)}"
        return
    said = [drivers.sentence(told, result), drivers.caution(told, result)]
    yield from (f"  {line}" for text in said for line in textwrap.wrap(text, max(40, columns() - 2)))
    if not told["dimensions"]:
        return
    first, *others = told["dimensions"]
    yield ""
    yield from _dimension(drivers.table(first, result))
    if others:
        named = ", ".join(one["by"] for one in others)
        meaning = f"{drivers.MEANING}; others" if first["rate"] != first["total"] else "others"
        yield ""
        yield from (f"  {line}" for line in textwrap.wrap(f"{meaning}: --by {named}", max(40, columns() - 2)))


def _dimension(found: drivers.Table) -> Iterator[str]:
    """A line a group; weights and bars where there is room for them."""
    wide = columns() >= WIDE
    heads = [
        f"by {found.by}",
        *(["weight"] if wide and found.weighed else []),
        "value",
        *(["mix", "rate"] if found.weighed else []),
    ]
    heads += [found.unit or "change", *([""] if wide else [])]
    largest = max((abs(sum(line.bars)) for line in found.lines), default=0.0)
    rows = [_driver(found, line, wide, largest) for line in found.lines]
    total = drivers.Line("all", "", "", found.mix, found.rate, (0.0, 0.0))
    rows.append(_driver(found, total, wide, 0.0))
    right = range(1, len(heads) - (1 if wide else 0))
    text = table(heads, rows, right=tuple(right)).splitlines()
    ruled = text[1] if not wide else text[1].rpartition("  ")[0]
    yield from (f"  {line}" for line in [*text[:-1], ruled, text[-1]])


def _driver(found: drivers.Table, line: drivers.Line, wide: bool, largest: float) -> list[str]:
    cells = [
        _short(line.name, max(16, columns() - (78 if wide else 62))),
        *([line.weight] if wide and found.weighed else []),
    ]
    cells += [line.value, *([found.written(line.mix), found.written(line.rate)] if found.weighed else [])]
    return [*cells, found.written(line.total), *([_bar(sum(line.bars), largest)] if wide else [])]


def _bar(figure: float, largest: float) -> str:
    """A bar from the middle: what lowers goes left, what raises right."""
    if not largest:
        return ""
    size = round(BAR * abs(figure) / largest)
    left, right = ("", "▇" * size) if figure >= 0 else ("▇" * size, "")
    return f"{left:>{BAR}}│{right}"


def _short(text: str, room: int) -> str:
    """A long name by its last part, or cut in its middle: both ends tell names apart."""
    last = text.rpartition("/")[2]
    if len(text) <= room or len(last) + 2 <= room:
        return text if len(text) <= room else f"…/{last}"
    end = (room - 1) * 2 // 3
    return f"{text[: room - 1 - end]}…{text[-end:]}"


# The facts


def _why(fact: Told) -> str:
    """Its reason, what was corrected, and what it began with."""
    began = answering.began(fact)
    parts = (fact["reason"], answering.corrected(fact), began and f"began with {began}")
    return "; ".join(filter(None, parts))


def _facts(told: Told) -> Iterator[str]:
    facts = told["facts"][:MOST_LISTED]
    if not facts:
        yield "\nNo facts stand behind it."
        return
    yield f"\n{len(facts)} of {shown.plural(told['facts_total'], 'fact')}, worst first\n"
    texts = _table(facts, beside=True)
    if max(map(len, texts)) <= columns():
        yield from texts
        return
    head, rule, *body = _table(facts, beside=False)
    yield from (head, rule)
    for line, one in zip(body, facts, strict=True):
        yield line
        yield f"      {_where(one)}"


def _table(facts: Sequence[Told], beside: bool) -> list[str]:
    """The facts as lines, each with its place ``beside`` it, or without; columns that say nothing are left out."""
    heads, rows = ("", "at", "asset", "value", "why", "where"), [_fact(one, beside) for one in facts]
    used = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    return table([heads[place] for place in used], [[row[place] for place in used] for row in rows]).splitlines()


def _fact(one: Told, beside: bool) -> list[str]:
    at, room = datetime.fromisoformat(one["at"]), 44 if columns() >= WIDE else 30
    return [
        one["verdict"], f"{at:%d %b %H:%M}", _short(one["asset"] or "", room), figure_of(one),
        _short(_why(one), room - 6), _where(one) if beside else "",
    ]  # fmt: skip


def figure_of(one: Told) -> str:
    """A fact's own figure, where it has one."""
    return "" if one["value"] is None else shown.number(one["value"])


def _where(one: Told) -> str:
    return one["url"] or one["id"] or ""
