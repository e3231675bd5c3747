"""Closing a period, and disputing one before: the ledger's lines with the reports that were made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from time import sleep
from typing import Any

from collectors.people import impersonal, team_of
from slo.engine import Engine
from slo.errors import ConfigError, StoreError
from slo.ledger.book import Ledger
from slo.ledger.closing import Closing, closing, refuse_unless_closable, window_of
from slo.ledger.lines import canonical
from slo.ledger.scopes import has_document, scope_of, scopes_of
from slo.shelf import get_kpi
from tierline.config import Config
from tierline.decisions import notes
from tierline.reports import reporting

TRIES, PAUSE_SECONDS = 30, 2.0


def close(
    engine: Engine, config: Config, period: str, by: str, now: datetime, *, despite_disputes: bool = False
) -> dict[str, Any]:
    """Closes a period for good; the closed period (see Ledger.closed), with "provisional": KPIs whose sources had not
    settled.

    Raises ConfigError where it has not ended, is closed already, nothing is known of it, or lines are disputed;
    StoreError where another process evaluates at this moment.
    """
    window = refuse_unless_closable(engine, period, now)
    disputes = _undisputed(engine, window.name, despite_disputes)
    who = team(by, config)
    _refreshed(engine, window.name, now)
    with closing(engine, window, now) as found:
        found.documents = _documents(found, config, now)
        found.store(found.head(now, who, _notes(config, window.name), disputes))
    ledger = Ledger(engine.store, engine.platform.timezone)
    return {**(ledger.closed(window.name) or {}), "provisional": found.provisional}


def _refreshed(engine: Engine, period: str, now: datetime) -> None:
    """Waits for whoever evaluates at this moment. Raises StoreError where that takes more than a minute."""
    for _ in range(TRIES):
        if engine.refresh(now):
            return
        sleep(PAUSE_SECONDS)
    raise StoreError(f"{period}: another process has been evaluating for a minute; run it again when it is done")


def preview(engine: Engine, period: str, now: datetime) -> dict[str, Any]:
    """What closing would store, without storing it: {"name", "as_of", "lines", "scopes", "provisional", "disputes"}."""
    window = refuse_unless_closable(engine, period, now)
    ledger = Ledger(engine.store, engine.platform.timezone)
    _refreshed(engine, window.name, now)
    with closing(engine, window, now) as found:
        return {
            "name": window.name, "as_of": found.as_of.astimezone(window.tz).isoformat(), "lines": len(found.lines),
            "scopes": found.scopes, "provisional": found.provisional,
            "disputes": ledger.disputes(window.name, open_only=True),
        }  # fmt: skip


def _documents(found: Closing, config: Config, now: datetime) -> dict[str, str]:
    """The report of the whole, of each team and of each domain, as canonical JSON."""
    return {
        key: canonical(reporting.fresh(found.still, config, found.window.name, _report_scope(key), now))
        for key in found.scopes
        if has_document(key)
    }


def _report_scope(key: str) -> dict[str, str | None]:
    scope = scope_of(key)
    return {"team": scope["team"], "domain": scope["domain"], "profile": None}


def _notes(config: Config, period: str) -> str | None:
    """The notes of a period, as they are written; None where there are none."""
    place = notes.folder(config)
    path = None if place is None else place / f"{period}.md"
    return path.read_text(encoding="utf-8-sig") if path is not None and path.is_file() else None


def _undisputed(engine: Engine, period: str, despite: bool) -> list[dict[str, Any]]:
    """The open disputes. Raises ConfigError where there are any and they were not waived."""
    found = Ledger(engine.store, engine.platform.timezone).disputes(period, open_only=True)
    if found and not despite:
        listed = "; ".join(f"{one['id']}: {one['kpi']} by {_who(one)}" for one in found)
        raise ConfigError(
            f"{period}: is disputed ({listed}); settle each with `tierline dispute {period} KPI --settle HOW`, or "
            "close it with --despite-disputes: they are then listed in it"
        )
    return found


def _who(dispute: Mapping[str, Any]) -> str:
    return str(dispute["domain"] or dispute["by"] or "nobody named")


def team(by: str, config: Config) -> str:
    """The team or forum. Raises ConfigError for a person's address that no team is known for."""
    found = team_of(by, config.settings.people)
    if found is None:
        raise ConfigError(f"--by {by}: is a person; name the team or forum, or add it under `people:` of tierline.yaml")
    return found


def dispute(
    engine: Engine, config: Config, period: str, kpi: str, text: str, now: datetime, domain: str | None = None,
    by: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Opens a dispute of a KPI's figure in a period that is not closed; see Ledger.disputes. Raises ConfigError."""
    window, known = window_of(engine, period, now), get_kpi(kpi)
    ledger = Ledger(engine.store, engine.platform.timezone)
    if ledger.closed(window.name) is not None:
        raise ConfigError(
            f"{window.name}: is closed; put it right by a correction or an exclusion in decisions/: it is then listed "
            "as restated"
        )
    if window.start > now:
        raise ConfigError(f"{window.name}: has not begun yet; name a period that has")
    if not text.strip():
        raise ConfigError("--text: is empty; say what is wrong with the figure")
    known_scope(engine, window.name, {"domain": domain}, now)
    who = None if by is None else team(by, config)
    with engine.store.write() as tx:
        key = tx.ledger.open_dispute(window.name, known.id, domain, impersonal(text.strip()), who, now)
    return next(one for one in ledger.disputes(window.name) if one["id"] == key)


def known_scope(engine: Engine, period: str, scope: Mapping[str, str | None], now: datetime) -> None:
    """Raises ConfigError for a team or domain that no asset was of in the period."""
    asked = {name: scope.get(name) for name in ("team", "domain") if scope.get(name) is not None}
    if not asked:
        return
    scopes = scopes_of(engine.results(None, now).view, window_of(engine, period, now))
    for name, value in asked.items():
        if f"{name}:{value}" not in scopes:
            known = ", ".join(key.partition(":")[2] for key in scopes if key.startswith(f"{name}:")) or "none"
            raise ConfigError(f"--{name} {value}: no asset was of it in {period}; there are: {known}")


def settle(
    engine: Engine, period: str, kpi: str, how: str, now: datetime, domain: str | None = None, number: int | None = None
) -> list[dict[str, Any]]:
    """Settles the open disputes of a KPI in a period (of a domain, or one by its number); those. Raises ConfigError."""
    window, known = window_of(engine, period, now), get_kpi(kpi)
    ledger = Ledger(engine.store, engine.platform.timezone)
    found = [
        one["id"]
        for one in ledger.disputes(window.name, open_only=True)
        if one["kpi"] == known.id and domain in (None, one["domain"]) and number in (None, one["id"])
    ]
    if not found:
        raise ConfigError(
            f"{window.name}: nobody disputes {known.id} there; `tierline dispute {window.name}` lists what is disputed"
        )
    if not how.strip():
        raise ConfigError("--settle: is empty; say how it was settled")
    with engine.store.write() as tx:
        tx.ledger.settle_disputes(found, impersonal(how.strip()), now)
    return [one for one in ledger.disputes(window.name) if one["id"] in found]
