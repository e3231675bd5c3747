"""The report as plain data: what every form of it is drawn from, and what closing a period stores.

Figures carry the exact value and the text that is shown; texts are ready. ``plain`` makes JSON-able data of it with its
hash, ``schema`` the JSON Schema (docs/report.schema.json).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

VERSION = 1

Number = float
"""In the KPI's own unit: ratios 0..1, spans in seconds, costs in the report's currency."""


@dataclass(frozen=True)
class Figure:
    """A number as it is, in its KPI's own unit, and as it is shown."""

    value: Number | None
    text: str


@dataclass(frozen=True)
class Status:
    """A verdict: its key (design, section 5; "published": nobody adopted a target), shape, word."""

    key: str
    shape: str
    word: str


@dataclass(frozen=True)
class Said:
    """A sentence and, where it is somebody's, whose (a team) and where it is written."""

    text: str
    who: str = ""


@dataclass(frozen=True)
class Term:
    """Something that stands beside a value: what it is, its words, and its number where it is one."""

    term: str
    text: str
    value: Number | None = None


@dataclass(frozen=True)
class Period:
    """The window: name (2026-10), what it is, title (October 2026), start and end (ISO, half-open)."""

    name: str
    kind: Literal["month", "week", "quarter", "half"]
    title: str
    start: str
    end: str
    previous: str
    previous_title: str


@dataclass(frozen=True)
class Asked:
    """Of whom, and by which profile; ``subject`` in words: the platform, team finance."""

    team: str | None
    domain: str | None
    profile: str | None
    subject: str


@dataclass(frozen=True)
class Restricted:
    """Lines about findings and unprotected datasets: whether they are in this copy, else how many are not."""

    included: bool
    left_out: int
    text: str


@dataclass(frozen=True)
class Count:
    """A row of the count: promises as they count, as consumers felt it, as the platform alone answers for."""

    key: Literal["promised", "measured", "met", "near", "missed", "provisional", "not_measurable"]
    title: str
    counted: int
    felt: int
    ours: int


@dataclass(frozen=True)
class Promise:
    """One target of one KPI in its own scope, and its verdict in three readings."""

    kpi: str
    title: str
    scope: str
    target: str
    value: Figure
    n: str
    status: Status
    felt: Status
    ours: Status


@dataclass(frozen=True)
class Miss:
    """A promise that was missed, and what the facts tell of why, largest part first."""

    kpi: str
    title: str
    sentence: str
    causes: Sequence[str]


@dataclass(frozen=True)
class Changed:
    """A KPI against the period before. ``direction`` is told only where the change is more than noise; ``better`` by
    the KPI's own direction, null where it has none."""

    kpi: str
    title: str
    before: Figure
    now: Figure
    change: str
    direction: Literal["up", "down"] | None
    better: bool | None
    text: str


@dataclass(frozen=True)
class Ask:
    """A decision asked; of the period before: what became of it ("not answered" where nobody says)."""

    id: str
    text: str
    outcome: str = ""
    answered: bool = False


@dataclass(frozen=True)
class Words:
    """What the lead wrote for the period (notes/PERIOD.md): paragraphs, the decisions asked, the asks before."""

    file: str
    paragraphs: Sequence[str]
    decisions: Sequence[Ask]
    asked_in: str
    asks: Sequence[Ask]


@dataclass(frozen=True)
class Restated:
    """A reported figure that later facts changed, and which."""

    period: str
    period_title: str
    kpi: str
    title: str
    scope: str
    reported: Figure
    now: Figure
    difference: str
    causes: Sequence[str]


@dataclass(frozen=True)
class Agreement:
    """One exclusion: what, from when to when (ISO), who agreed (a team) and where it is written down."""

    what: str
    start: str
    end: str
    by: str
    ref: str
    text: str


@dataclass(frozen=True)
class Excluded:
    """What was left out by agreement for one reason, and how much of which KPI that took (``value``: its share)."""

    reason: str
    agreements: Sequence[Agreement]
    amounts: Sequence[Term]


@dataclass(frozen=True)
class Closed:
    """When, by whom and with which hash the period was closed, and what was restated since."""

    at: str
    by: str
    hash: str
    text: str
    since: Sequence[Restated]


@dataclass(frozen=True)
class Row:
    """A line of the table of all figures. ``unit`` is the KPI's own (ratio, seconds ...), ``unit_words`` what the line
    names where the shown figures leave it out; ``change`` is now less before."""

    kpi: str
    title: str
    family: str
    unit: str
    unit_words: str
    value: Figure
    parts: Mapping[str, Number | None]
    """What ``show`` prints of it: good, bad, unknown, excluded; numerator, denominator; n, mean, median, p95; sum."""
    n: Figure
    target: str
    status: Status
    coverage: Figure
    before: Figure
    change: Figure
    provisional: bool


@dataclass(frozen=True)
class Group:
    """Lines of the table under one heading ("" of the first)."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Point:
    """A period of a chart; ``value`` null is a gap. ``target``: the bound in force then; ``restated``: what
    was reported stands here and has changed since."""

    name: str
    label: str
    value: Number | None
    text: str
    provisional: bool = False
    restated: bool = False
    target: Number | None = None


@dataclass(frozen=True)
class Mark:
    """A round value of an axis."""

    at: Number
    text: str


@dataclass(frozen=True)
class Chart:
    """A line over time: ``low`` and ``high`` bound what is drawn, ``label`` says it in words."""

    label: str
    points: Sequence[Point]
    low: Number
    high: Number
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Days:
    """A value a day, null where there is none; ``first`` and ``last`` name the ends. ``provisional``: places of days
    that may still change; ``target``: the bound of the whole period."""

    first: str
    last: str
    values: Sequence[Number | None]
    provisional: Sequence[int]
    target: Number | None
    low: Number
    high: Number
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Tier:
    """The KPI in one tier; the charts of a KPI's tiers share their scale."""

    tier: int
    value: Figure
    n: str
    status: Status
    target: str
    days: Days | None


@dataclass(frozen=True)
class DriverLine:
    """A group: its value then and now, and its part of the change, in ``Drivers.unit``."""

    name: str
    value: str
    mix: Figure
    rate: Figure
    total: Figure


@dataclass(frozen=True)
class Drivers:
    """What moved the value since the period before, by one dimension; the lines add up to the last, their sum."""

    sentence: str
    by: str
    unit: str
    weighed: bool
    lines: Sequence[DriverLine]


@dataclass(frozen=True)
class Budget:
    """An error budget: of which target, what is left of it, and what spent it, largest first."""

    target: str
    scope: str
    remaining: Number | None
    spent: Number | None
    text: str
    spenders: Sequence[Term]


@dataclass(frozen=True)
class Card:
    """A KPI on its family's page."""

    kpi: str
    title: str
    sentence: str
    value: Figure
    status: Status
    provisional: bool
    facts: Sequence[str]
    """How many stand behind the value, its interval, how much was observed."""
    beside: Sequence[Term]
    trend: Chart | None
    """Twelve months that end with the period; of a week's report twelve weeks."""
    days: Days | None
    tiers: Sequence[Tier]
    drivers: Drivers | None
    budgets: Sequence[Budget]
    caveats: Sequence[str]
    decided: Sequence[Said]


@dataclass(frozen=True)
class Incident:
    """An incident of the period: since when, how long, what it hit."""

    started: str
    started_text: str
    lasted: Figure
    severity: int | None
    klass: str
    responsible: str
    title: str
    assets: Sequence[str]
    is_open: bool


@dataclass(frozen=True)
class Repeat:
    """A cause that recurred in the period, and how often."""

    cause: str
    text: str


@dataclass(frozen=True)
class Happened:
    """The incidents of the period, worst first; ``text`` counts all of them, ``more`` those not listed."""

    text: str
    incidents: Sequence[Incident]
    more: int
    repeats: Sequence[Repeat]


@dataclass(frozen=True)
class Family:
    """A page: its KPIs that have something to show, and the others in a line each."""

    family: str
    title: str
    cards: Sequence[Card]
    unmeasured: Sequence[Term]
    happened: Happened | None = None


@dataclass(frozen=True)
class Covered:
    """How far a KPI is measured, and what would measure it."""

    kpi: str
    title: str
    state: str
    why: str


@dataclass(frozen=True)
class Coverage:
    """``text`` counts, ``rows`` are the KPIs without a value."""

    text: str
    rows: Sequence[Covered]


@dataclass(frozen=True)
class Target:
    """A version of a target, as it bound in the period."""

    text: str
    profile: str
    row: int | str
    adopted: str | None
    adopted_by: str | None
    valid_from: str | None
    said: str


@dataclass(frozen=True)
class Definition:
    """By what a KPI was counted and judged."""

    kpi: str
    title: str
    version: int | str
    definition: str
    formula: str
    not_counted: str
    targets: Sequence[Target]


@dataclass(frozen=True)
class Report:
    """The whole report. ``state``: open (the period still runs), provisional (it has ended, sources have not
    settled, or nobody has closed it), closed (printed from the ledger)."""

    period: Period
    scope: Asked
    as_of: str
    as_of_text: str
    timezone: str
    state: Literal["open", "provisional", "closed"]
    state_text: str
    closed: Closed | None
    title: str
    intro: Sequence[str]
    restricted: Restricted
    counts: Sequence[Count]
    counts_text: str
    promises: Sequence[Promise]
    misses: Sequence[Miss]
    changes: Sequence[Changed]
    changes_text: str
    cost: Sequence[str]
    words: Words | None
    restated: Sequence[Restated]
    excluded: Sequence[Excluded]
    disputed: Sequence[Said]
    """What a domain disputes of the period's figures, and nobody has settled."""
    noted: Sequence[Said]
    table: Sequence[Group]
    families: Sequence[Family]
    coverage: Coverage
    definitions: Sequence[Definition]
    reading: Sequence[str] = field(default=())
    """How to read it."""


Document = Mapping[str, Any]
"""A Report as plain data, with ``document``, ``version`` and ``hash``."""


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON-able data, with the SHA-256 of all that it says."""
    told: dict[str, Any] = json.loads(json.dumps({"document": "tierline report", "version": VERSION, **asdict(report)}))
    return sealed(told)


def sealed(document: Document) -> dict[str, Any]:
    """The document with the hash of what it now says."""
    told = {key: value for key, value in document.items() if key != "hash"}
    return {"hash": fingerprint(told), **told}


def fingerprint(document: Document) -> str:
    """SHA-256 of a document's content without its ``hash``: two with one hash say the same."""
    content = {key: value for key, value in document.items() if key != "hash"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_json(document: Document) -> str:
    """The document as a file's text."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    from pydantic import TypeAdapter

    made = TypeAdapter(Report).json_schema()
    own = {
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of everything else here."},
        "document": {"const": "tierline report"},
        "version": {"const": VERSION},
    }
    made["properties"] = own | made["properties"]
    made["required"] = [*own, *made["required"], "reading"]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "tierline report"}
    return dict(_closed(head))


def _closed(node: Any) -> Any:
    """Objects hold what is named and nothing else; what has a default stands there all the same."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _closed(value) for key, value in node.items() if key not in ("default",)}
    if found.get("type") == "object" and "properties" in found:
        found |= {"additionalProperties": False, "required": list(found["properties"])}
    return found
