"""What was promised of an asset, who agreed to it, and whether it was kept, in words.

Lines are those of slo/stories/assets.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import html

from dashboards import format as fmt
from dashboards.parts import awaited, cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import benchmarks

Line = Mapping[str, Any]
Adopted = Mapping[tuple[str, int | None], Sequence[Line]]
_OF = {
    "pipeline_success_rate": ("run", "runs"), "dataset_sla_attainment": ("delivery", "deliveries"),
    "freshness_slo_attainment": ("", ""),
}  # fmt: skip
NOBODY = "nobody yet"


def objective(line: Line) -> str:
    """by 07:00 every day, 95 % of deliveries; at most 2 h old, 99 % of the time; runs by its schedule."""
    told = line["rule"]
    if told is None:
        return ""
    if "schedule" in told:
        return f"runs by its schedule ({told['schedule']})"
    share = fmt.share(line["objective"])
    aged = told.get("max_age_seconds") is not None
    return f"{awaited.rule(line)}, {share} of {'the time' if aged else 'deliveries'}"


def adopted_targets(snapshot: Snapshot, ask: Ask) -> Adopted:
    """(KPI, tier) -> the adopted targets that hold there, of the KPIs that judge an asset; tier None: of all."""
    tiers = [None, *scope.values(snapshot, "tier")]
    of_tier = {tier: scope.find(snapshot, ask.window, {"tier": tier}) for tier in tiers}
    return {
        (kpi, tier): [entry for entry in found[kpi]["targets"] if entry.get("adopted")]
        for tier, found in of_tier.items() for kpi in _OF if kpi in found
    }  # fmt: skip


def agreed(line: Line, snapshot: Snapshot, adopted: Adopted) -> list[str]:
    """Who agreed to it: sign-offs of its KPI and tier, the adopted target that it falls under; NOBODY."""
    kpis = [kpi for kpi in (line["kpi"],) if kpi] or []
    if line["kpi"] == "dataset_sla_attainment":
        kpis.append("freshness_slo_attainment")
    signed = [
        f"{one['by']}, {fmt.day(date.fromisoformat(str(one['on'])))}" + (f" ({one['ref']})" if one.get("ref") else "")
        for one in snapshot.decided.get("sign_offs", ())
        if one["kpi"] in kpis and one["tier"] in (None, line["tier"])
    ]
    entries = [entry for kpi in kpis for entry in adopted.get((kpi, line["tier"]), ())]
    found = signed + [f"“{entry['text']}” {benchmarks.adopted(entry)}" for entry in entries]
    return list(dict.fromkeys(found)) or [NOBODY]


def briefly(found: Sequence[str]) -> str:
    """Who agreed, in a few words: the team that signed, else that which adopted the target."""
    if "” adopted" not in found[0]:
        return found[0]
    return found[0].partition("” adopted by ")[2].rpartition(", since")[0] or "adopted"


def kept(line: Line) -> html.Span:
    """The verdict on its own objective; without one the shape of what cannot be judged."""
    if line["kpi"] is None:
        return cards.badge("no target")
    if line["kept"] is None:
        return cards.badge("no data") if line["value"] is None else cards.badge("no target", word="no own objective")
    return cards.badge("met" if line["kept"] else "missed")


def figure(line: Line) -> html.Td:
    """The share that was kept, exact on hover."""
    if line["value"] is None:
        return html.Td(fmt.NOTHING)
    against = [] if line["objective"] is None else [line["objective"]]
    return cards.figure_cell(fmt.percent(line["value"], against), line["value"])


def how_often(line: Line) -> str:
    """3 of 20 deliveries late; 2 h 10 too old; 1 of 402 runs failed."""
    if line["value"] is None:
        return ""
    whole = line["good"] + line["bad"]
    if line["kpi"] == "freshness_slo_attainment":
        return f"{fmt.duration(line['bad'])} too old" if line["bad"] else "never too old"
    one, many = _OF[line["kpi"]]
    number = fmt.count(line["bad"]) if line["bad"] else "none"
    return f"{number} of {fmt.plural(whole, one, many)} {'failed' if one == 'run' else 'late'}"
