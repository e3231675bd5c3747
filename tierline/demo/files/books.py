"""The registers that the demo's teams keep, each with the settings that read it: a page to copy from.

They are as different as such files are: comma or semicolon, a decimal comma, local times, an id of their own or
columns that tell rows apart. Each is told as it stands at a moment.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tierline.demo.chance import ZONE
from tierline.demo.files import estate
from tierline.demo.people.note import Note
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.world import World

Row = dict[str, Any]
LOCAL = {"timezone": ZONE.key}
_FLAGS = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class Book:
    """A file, how Tierline is told to read it, and its rows at a moment."""

    file: str
    settings: Mapping[str, Any]
    rows: Callable[[World, datetime], Iterable[Row]]


def _text(moment: datetime | None) -> str:
    """A local time, as people write it."""
    return "" if moment is None else f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _entry(kind: str, key: list[str], columns: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Settings of a register of entries of one kind: field -> column."""
    return {"fact": "entry", "key": key, "map": {"kind": {"value": kind}, **columns}, **LOCAL, **more}


def _notes(kind: str, row: Callable[[Note], Row]) -> Callable[[World, datetime], Iterator[Row]]:
    return lambda world, now: (row(note) for note in world.known.written(kind, now))


def _comma(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.1f}".replace(".", ",")


def _answers(world: World, now: datetime) -> Iterator[Row]:
    """The export of the survey tool: NPS is a scale of its own."""
    names = {"10": "out of ten", "5": "out of five", "nps": "would recommend"}
    for one in world.known.answers:
        if one.at <= now:
            yield {"Response": one.key, "Submitted": _text(one.at), "Question": names[one.scale],
                   "Answer": f"{one.score:g}", "Asked": one.audience}  # fmt: skip


BOOKS: dict[str, Book] = {
    "toil": Book(
        "toil.csv",
        _entry("toil", ["Friday", "Team"], {"at": "Friday", "team": "Team", "subject": "Task", "quantity": "Hours"},
               delimiter=";", decimal_comma=True),
        _notes("toil", lambda note: {
            "Friday": _text(note.at), "Team": note.team, "Task": note.subject, "Hours": _comma(note.quantity)}),
    ),
    "sessions": Book(
        "sessions.csv",
        _entry("session", ["When"], {"at": "When", "team": "Held by", "subject": "Topic", "quantity": "Sessions"}),
        _notes("session", lambda note: {
            "When": _text(note.at), "Held by": note.team, "Topic": note.subject,
            "Sessions": "" if note.quantity is None else f"{note.quantity:g}"}),
    ),
    "automation": Book(
        "automation.csv",
        _entry("automation_step", ["Step", "Noted"],
               {"at": "Noted", "subject": "Step", "team": "Team", "done_at": "Automated on"}),
        _notes("automation_step", lambda note: {
            "Noted": _text(note.at), "Step": note.subject, "Team": note.team, "Automated on": _text(note.done)}),
    ),
    "initiatives": Book(
        "initiatives.jsonl",
        {"fact": "entry", "id": "{id}", "map": {
            "kind": {"value": "initiative"}, "at": "proposed", "subject": "name", "team": "team", "tier": "tier",
            "planned_at": "dates.planned", "reviewed_at": "dates.reviewed", "started_at": "dates.build"}},
        _notes("initiative", lambda note: {
            "id": f"INI-{note.key}", "proposed": stamp(note.at), "name": note.subject, "team": note.team,
            "tier": note.tier, "dates": {"planned": stamp(note.planned), "reviewed": stamp(note.reviewed),
                                         "build": stamp(note.started)}}),
    ),
    "learning": Book(
        "learning.csv",
        _entry("milestone", ["Team", "Milestone"],
               {"at": "Agreed", "team": "Team", "subject": "Milestone", "planned_at": "Due", "done_at": "Reached"}),
        _notes("milestone", lambda note: {
            "Agreed": _text(note.at), "Team": note.team, "Milestone": note.subject, "Due": _text(note.planned),
            "Reached": _text(note.done)}),
    ),
    "enablement": Book(
        "enablement.csv",
        _entry("team_enabled", ["Team", "Capability", "Begun"],
               {"at": "Begun", "team": "Team", "subject": "Capability", "planned_at": "Planned", "done_at": "Live"}),
        _notes("team_enabled", lambda note: {
            "Begun": _text(note.at), "Team": note.team, "Capability": note.subject, "Planned": _text(note.planned),
            "Live": _text(note.done)}),
    ),
    "modules": Book(
        "modules.csv",
        _entry("component_use", ["Team", "Module", "Since"],
               {"at": "Since", "team": "Team", "subject": "Module", "done_at": "Given up"}),
        _notes("component_use", lambda note: {
            "Since": _text(note.at), "Team": note.team, "Module": note.subject, "Given up": _text(note.done)}),
    ),
    "wiki": Book(
        "wiki.csv",
        _entry("document", ["Page", "Updated"],
               {"at": "Updated", "updated_at": "Updated", "subject": "Page", "team": "Space", "key": "Key page"}),
        _notes("document", lambda note: {
            "Page": note.subject, "Updated": _text(note.updated), "Space": note.team,
            "Key page": _FLAGS[note.important]}),
    ),
    "survey": Book(
        "survey.csv",
        {"fact": "survey_answer", "id": "{Response}", **LOCAL, "map": {
            "at": "Submitted", "score": "Answer", "audience": "Asked",
            "scale": {"column": "Question",
                      "values": {"out of ten": "10", "out of five": "5", "would recommend": "nps"}}}},
        _answers,
    ),
    **{name: Book(*told) for name, told in estate.BOOKS.items()},
}  # fmt: skip
"""Source -> its register."""


def write(book: Book, folder: Path, world: World, now: datetime, since: date | None = None) -> None:
    """The register as it stands at ``now``, replaced as a whole. ``since``: of what tools export day by day only these
    days."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for row in book.rows(world, now) if since is None or str(row.get("day", since)) >= f"{since}"]
    fresh = folder / f"{book.file}.new"
    with fresh.open("w", newline="", encoding="utf-8") as file:
        if book.file.endswith(".jsonl"):
            file.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
        elif rows:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=book.settings.get("delimiter", ","))
            writer.writeheader()
            writer.writerows(rows)
    fresh.replace(folder / book.file)


def settings(book: Book, folder: Path) -> dict[str, Any]:
    """The source that reads it, as it stands in tierline.yaml."""
    return {"type": "file", "path": str(folder / book.file), **book.settings}
