"""The report of a closed period: the stored copy as it was, beside it what was restated since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from dashboards.format import locale
from dashboards.report import figures, margins
from dashboards.report.sealing import Document, sealed
from dashboards.report.shape import Closed


def printed(
    stored: Document, shut: Mapping[str, Any], moved: Iterable[Mapping[str, Any]], zone: ZoneInfo
) -> dict[str, Any]:
    """``stored``: the document that closing kept; ``shut``: the closed period (closed_at, by, hash); ``moved``: its
    restatements. Only what tells of the closing and of what came after it is laid over the stored copy."""
    with locale.using(locale.ENGLISH):
        found = margins.restated(moved, datetime.fromisoformat(stored["as_of"]), zone)
        own = {one["kpi"] for group in stored["table"] for one in group["rows"]}
        since = [one for one in found if one.kpi in own]
        were = "nothing was" if not since else f"{fmt.plural(len(since), 'figure')} {_were(len(since))}"
        text = f"Closed on {figures.moment(shut['closed_at'], zone)} by {shut['by']}; hash {shut['hash'][:12]}."
        closed = Closed(shut["closed_at"], shut["by"], shut["hash"], text, since)
        told = f"This is what was reported, as of {stored['as_of_text']}; since then {were} restated."
        return sealed({**stored, "state": "closed", "state_text": told, "closed": _plain(closed)})


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _plain(closed: Closed) -> dict[str, Any]:
    told = asdict(closed)
    return {**told, "since": list(told["since"])}
