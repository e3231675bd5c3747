"""Page one: what was promised and kept, in three readings; what changed; cost against volume."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.report import figures
from dashboards.report.cards import promised
from dashboards.report.shape import Changed, Count, Figure, Group, Promise, Row, Status
from dashboards.report.told import Told
from dashboards.wording import benchmarks, changes, sentences, words

Result = Mapping[str, Any]
JUDGED = ("met", "near", "missed")
MEASURED = (*JUDGED, "provisional")
"""What has a figure: a verdict on it, or one that may still move."""
TITLES = (("promised", "promised"), ("measured", "measured"), ("met", "met"), ("near", "met at the minimum"),
          ("missed", "missed"), ("provisional", "provisional"), ("not_measurable", "not measurable"))  # fmt: skip
COST = "unit_cost"


def promises(told: Told) -> list[Promise]:
    """Every target that was promised, in order of family; a KPI that is not set up keeps its promises, too."""
    return [one for result in told.every for one in _promises(told, result)]


def _promises(told: Told, result: Result) -> Iterator[Promise]:
    read = told.gathered["readings"].get(result["kpi"], {})
    rows = [(one["profile"], one["row"]) for one in result["targets"]]
    for entry in promised(told, result):
        place = rows.index((entry["profile"], entry["row"]))
        shown = scope.told(entry)
        felt, ours = (read.get(way, [entry["status"]] * len(rows))[place] for way in ("felt", "ours"))
        narrow = scope.narrower(entry, result)
        yield Promise(
            result["kpi"], result["title"], ", ".join(f"{key} {value}" for key, value in narrow.items()),
            fmt.target(shown, result), figures.of(result, shown.get("value")), _size(result, shown),
            figures.status(entry["status"]), figures.status(felt), figures.status(ours),
        )  # fmt: skip


def _size(result: Result, entry: Mapping[str, Any]) -> Figure:
    """How much stands behind a target's own value."""
    if entry.get("n") is None:
        return Figure(None, "")
    return Figure(entry["n"], fmt.duration(entry["n"]) if fmt.in_seconds(result) else f"n {fmt.count(entry['n'])}")


def counts(made: Sequence[Promise]) -> list[Count]:
    """Promised is measured and not measurable together; measured is met, met at the minimum, missed, provisional."""
    ways = [_counted([getattr(one, way) for one in made]) for way in ("status", "felt", "ours")]
    return [Count(key, title, *(way[key] for way in ways)) for key, title in TITLES]  # type: ignore[arg-type]


def _counted(verdicts: Sequence[Status]) -> dict[str, int]:
    by = Counter(one.key for one in verdicts)
    measured = sum(by[key] for key in MEASURED)
    return {"promised": len(verdicts), "measured": measured, **{key: by[key] for key in MEASURED},
            "not_measurable": len(verdicts) - measured}  # fmt: skip


def counts_text(told: Told, made: Sequence[Promise]) -> str:
    """Why some are not measurable, and how many KPIs stand beside published figures only."""
    why = Counter(one.status.word for one in made if one.status.key not in MEASURED)
    published = sum(scope.profile_status(one, told.profile) == "published" for one in told.own)
    parts = []
    if why:
        parts.append("Not measurable: " + ", ".join(f"{fmt.count(n)} {word}" for word, n in sorted(why.items())))
    if published:
        stand = "KPI has a value and no adopted target" if published == 1 else "KPIs have a value and no adopted target"
        parts.append(f"{fmt.count(published)} {stand}: the published figures stand beside them, without a verdict")
    return "".join(f"{part}. " for part in parts).strip()


def title(told: Told, made: Sequence[Promise]) -> str:
    """The report in one sentence."""
    who = words.subject(told.of_whom)
    when = words.sentence(scope.period(told.window.name))
    judged = [one for one in made if one.status.key in JUDGED]
    kept = sum(one.status.key != "missed" for one in judged)
    if judged:
        return f"{when} {who} kept {fmt.count(kept)} of {fmt.plural(len(judged), 'judged promise')}"
    if made or not any(one["value"] is not None for one in told.own):
        return f"{when} no promise of {who} could be judged"
    return f"{when} nothing was promised of {who}; the published ranges stand beside its figures"


def changed(told: Told) -> list[Changed]:
    """What moved by more than noise against the period before: promised KPIs first, for the worse first."""
    found = [one for one in told.own if (one.get("previous") or {}).get("told_from_noise") is True]
    found.sort(key=lambda one: (not promised(told, one), _better(one) is not False, told.own.index(one)))
    return [_changed(one) for one in found]


def _changed(result: Result) -> Changed:
    before = result["previous"]["value"]
    up = result["value"] > before
    text = f"{result['title']} {changes.said(result)}: {fmt.of(result, before)} to {fmt.value(result)}"
    return Changed(
        result["kpi"], result["title"], figures.of(result, before), figures.value(result),
        fmt.change(result, before), "up" if up else "down", _better(result), text,
    )  # fmt: skip


def _better(result: Result) -> bool | None:
    better, before = result["better"], result["previous"]["value"]
    if better not in ("up", "down"):
        return None
    return bool((result["value"] > before) == (better == "up"))


def changes_text(told: Told) -> str:
    """How many could be compared, and of how many nobody can tell chance from change."""
    pairs = [
        one for one in told.own if one["value"] is not None and (one.get("previous") or {}).get("value") is not None
    ]
    by = Counter(one["previous"]["told_from_noise"] for one in pairs)
    before = figures.title(told.before)
    if not pairs:
        return f"Nothing can be compared with {before}."
    parts = [
        f"{fmt.plural(len(pairs), 'KPI')} can be compared with {before}: {fmt.count(by[True])} moved by more than noise"
    ]
    parts += [f"{fmt.count(by[False])} by what may be noise"] if by[False] else []
    parts += [f"{fmt.count(by[None])} are no sample, so that nothing is said of noise"] if by[None] else []
    return ", ".join(parts) + "."


def cost(told: Told) -> list[str]:
    """Unit cost with its target, then what was paid for how much, against the period before."""
    result = next((one for one in told.own if one["kpi"] == COST and one["value"] is not None), None)
    if result is None:
        return []
    lines = [sentences.full(result, told.profile)]
    points = told.gathered["over_time"].get(COST, ())
    now = next((one for one in points if one["name"] == told.window.name), None)
    before = next((one for one in points if one["name"] == told.before.name), None)
    if now and now["numerator"] is not None and now["denominator"]:
        lines.append(_paid(told, result, now, before))
    return [*lines, *([f"Read with {changes.pair(result)}"] if changes.pair(result) else [])]


def _paid(told: Told, result: Result, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """USD 35,595 was paid for 1,161 TB; in September 2026 USD 35,530 for 1,100 TB."""
    said = _for(result, now)
    if not before or before["numerator"] is None or not before["denominator"]:
        return f"{said[0]} was paid for {said[1]}"
    return f"{said[0]} was paid for {said[1]}; in {figures.title(told.before)} {' for '.join(_for(result, before))}"


def _for(result: Result, point: Mapping[str, Any]) -> tuple[str, str]:
    """What was paid, for how much."""
    size = fmt.size({**result, "denominator": point["denominator"]}).removeprefix("of ")
    return fmt.money(point["numerator"], result.get("currency") or "USD"), size


def table(told: Told) -> list[Group]:
    """All figures: the view's KPIs first, what it leaves out under a heading of its own."""
    inside, others = scope.split(told.own, told.view, told.profile)
    pairs = (("", inside), ("Outside this view", others))
    return [Group(name, [_row(told, one) for one in members]) for name, members in pairs if members]


PARTS = ("good", "bad", "unknown", "excluded", "numerator", "denominator", "n", "mean", "median", "p90", "p95", "sum")


def _row(told: Told, result: Result) -> Row:
    before = (result.get("previous") or {}).get("value")
    now = result["value"]
    moved = None if now is None or before is None else now - before
    size = fmt.size(result).removeprefix("n ").removesuffix(" judged")
    return Row(
        result["kpi"], result["title"], result["family"], result["unit"], fmt.unit_words(result),
        Figure(now, fmt.compact(result)), {name: result[name] for name in PARTS if name in result},
        Figure(figures.amount(result), size), figures.target(result, told.profile),
        figures.status(scope.profile_status(result, told.profile)),
        Figure(result["coverage"], fmt.coverage(result).removesuffix(" observed") or fmt.NOTHING),
        Figure(before, fmt.NOTHING if before is None else fmt.compact_of(result, before)),
        Figure(moved, changes.said(result) or fmt.NOTHING), bool(result["provisional"]),
    )  # fmt: skip


def asked(told: Told) -> str:
    """Beside a report that somebody asked to be judged by a profile: how much of it nobody has adopted."""
    entries = [entry for one in told.own for entry in promised(told, one)] if told.profile else []
    open_ones = sum(not entry.get("adopted") for entry in entries)
    if not open_ones:
        return ""
    return f"{fmt.count(open_ones)} of its {fmt.plural(len(entries), 'target')} {benchmarks.UNADOPTED}."
