"""The demo platform as a whole: its systems on loopback, its files in a folder, and the settings that read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tierline.demo.catalog import TEAMS, WAREHOUSE
from tierline.demo.chance import local, local_day
from tierline.demo.delivery import ON_GITHUB, ORGANISATION, repository
from tierline.demo.files import registers
from tierline.demo.files.books import BOOKS, settings, write
from tierline.demo.files.dbt import write_manifests, write_results
from tierline.demo.files.focus import month_of, write_bills
from tierline.demo.files.repository import write_repository
from tierline.demo.files.targets import write_targets
from tierline.demo.findings import DAYS
from tierline.demo.servers import airbyte, airflow, fivetran, github, jira, pagerduty, snowflake
from tierline.demo.servers.alertmanager import AlertmanagerSite
from tierline.demo.servers.base import Server
from tierline.demo.servers.prometheus import PrometheusSite
from tierline.demo.servers.snowflake import SnowflakeSite
from tierline.demo.world import World

PASSWORD = "airflow-password"
"""File with the password of Airflow's reader."""
TOKENS = {
    "github-token": github.TOKEN, "jira-token": jira.TOKEN, "fivetran-key": fivetran.KEY,
    "fivetran-secret": fivetran.SECRET, "airbyte-secret": airbyte.SECRET, "pagerduty-key": pagerduty.TOKEN,
    "snowflake-token": snowflake.TOKEN,
}  # fmt: skip
"""Files with the tokens of the readers of GitHub, Jira, Fivetran, Airbyte, PagerDuty and Snowflake."""
NEW = timedelta(days=14)
"""The newest weeks, which are wanted at once."""
FIRST = ("catalog", "renamed")
"""Registers that are trusted before dbt, the warehouse and the orchestrator."""
_REGISTERS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "inventory": ("inventory.jsonl", "asset", registers.INVENTORY),
    "maintenance": ("maintenance.jsonl", "exclusion", registers.MAINTENANCE),
}
"""Source -> file, kind of fact, fields. The files' columns are called as the fields are."""
_IN_FOLDERS = tuple(team for team in TEAMS if team not in ON_GITHUB)
"""Teams whose repositories are read from folders."""


@dataclass
class Servers:
    """The systems that speak HTTP. ``urls``: source's name -> address."""

    running: dict[str, Server] = field(default_factory=dict)

    @property
    def urls(self) -> dict[str, str]:
        return {name: server.url for name, server in self.running.items()}

    def stop(self) -> None:
        for server in self.running.values():
            server.stop()


def start_servers(world: World, clock: Callable[[], datetime], ports: Mapping[str, int] | None = None) -> Servers:
    """The systems that speak HTTP, on loopback, each on its port (0 or none given: any free one)."""
    sites = {
        "airflow-prod": airflow.AirflowSite(world, clock),
        "alertmanager": AlertmanagerSite(world, clock),
        "pagerduty": pagerduty.PagerDutySite(world, clock),
        "prometheus": PrometheusSite(world, clock),
        "snowflake": SnowflakeSite(world, clock),
        "github": github.GithubSite(world, clock),
        "jira": jira.JiraSite(world, clock),
        "fivetran": fivetran.FivetranSite(world, clock),
        "airbyte": airbyte.AirbyteSite(world, clock),
    }
    return Servers({name: Server(site, (ports or {}).get(name, 0)) for name, site in sites.items()})


def write_files(world: World, folder: Path, now: datetime) -> Iterator[str]:
    """Writes everything that is read from files, as of ``now``: first what the newest weeks need ("new" is yielded: a
    reader may begin), then the rest of the year ("day" after each day of it, "all" at the end). The inventory is first
    told as if it had been started with the newest weeks: it says what should have happened, and nothing may count as
    missed that has merely not been read. Once the year has been collected, ``write_inventory`` tells the rest of it."""
    dbt = folder / "dbt"
    dbt.mkdir(parents=True, exist_ok=True)
    for name, secret in {PASSWORD: airflow.PASSWORD, **TOKENS}.items():
        (folder / name).write_text(secret)
    write_targets(folder / "targets", now.date().replace(year=now.year - 1, month=1, day=1))
    write_inventory(world, folder, now, since=local(local_day(now - NEW)))
    _write_registers(world, folder, now, local_day(now - NEW))
    write_bills(world, folder / "bills", now, {month_of(now.date()), month_of((now - NEW).date())})
    for team in _IN_FOLDERS:
        write_repository(world, team, folder / f"{team}.git", now)
    write_manifests(world, dbt, now)
    days = list(world.dates())
    for day in days[-NEW.days - 1 :]:
        write_results(world, dbt, day, now)
    yield "new"
    _write_registers(world, folder, now)
    write_bills(world, folder / "bills", now)
    for day in reversed(days[: -NEW.days - 1]):
        write_results(world, dbt, day, now)
        yield "day"
    yield "all"


def write_inventory(world: World, folder: Path, now: datetime, since: datetime | None = None) -> None:
    """The inventory's register, as of ``now``; ``since``: without what was before."""
    registers.write_lines(folder / "inventory.jsonl", registers.inventory(world, now, since))


def _write_registers(world: World, folder: Path, now: datetime, since: date | None = None) -> None:
    """The registers as they stand at ``now``; ``since``: of exports with a line a day only these days."""
    registers.write_lines(folder / "maintenance.jsonl", registers.maintenance(world, now))
    for book in BOOKS.values():
        write(book, folder / "registers", world, now, since)


def demo_settings(folder: Path, urls: Mapping[str, str], store: str, history_days: int) -> dict[str, Any]:
    """What stands in the demo's tierline.yaml. The inventory is trusted first."""
    days = {"history_days": history_days}
    files = {name: {**_register(folder, name), **days} for name in _REGISTERS}
    books = {name: {**settings(book, folder / "registers"), **days} for name, book in BOOKS.items()}
    return {
        "timezone": "Europe/Berlin", "store": store, "currency": "USD",
        "sources": {
            "inventory": files.pop("inventory"), **{name: books.pop(name) for name in FIRST},
            "dbt": {"type": "dbt", "path": str(folder / "dbt"), "namespace": WAREHOUSE, "runs": "none", **days},
            "airflow-prod": {
                "type": "airflow", "url": urls["airflow-prod"], "username": airflow.USER,
                "password": f"file:{folder / PASSWORD}", "requests_per_second": 1000, **days,
            },
            "fivetran": {**_fivetran(folder, urls["fivetran"]), **days},
            "airbyte": {**_airbyte(folder, urls["airbyte"]), **days},
            "alertmanager": {"type": "alertmanager", "url": urls["alertmanager"], "asset": "{asset}", **days},
            "pagerduty": {**_pagerduty(folder, urls["pagerduty"]), **days},
            "prometheus": {
                "type": "prometheus", "url": urls["prometheus"], "step": "1h", "slis": [_sli()],
                "namespace": "services", **days,
            },
            "snowflake": {
                "type": "snowflake", "url": urls["snowflake"], "account": "acme", "group_by": "tag",
                "token": f"file:{folder / 'snowflake-token'}", "parts": ["metering", "storage", "queries"],
                **days,
            },
            "billing": {"type": "focus", "path": str(folder / "bills"), "group_by": "tag:workload", **days},
            **{repository(team): {**_repository(folder, team), **days} for team in _IN_FOLDERS},
            "github": {**_github(folder, urls["github"]), **days},
            "jira": {**_jira(folder, urls["jira"]), **days},
            **files, **books,
        },
    }  # fmt: skip


def _fivetran(folder: Path, url: str) -> dict[str, Any]:
    secrets = {name: f"file:{folder / f'fivetran-{name}'}" for name in ("key", "secret")}
    return {"type": "fivetran", "url": url, **secrets}


def _airbyte(folder: Path, url: str) -> dict[str, Any]:
    return {
        "type": "airbyte", "url": f"{url}{airbyte.ROOT}", "client_id": airbyte.CLIENT,
        "client_secret": f"file:{folder / 'airbyte-secret'}", "requests_per_second": 1000,
    }  # fmt: skip


def _sli() -> dict[str, Any]:
    return {
        "service": "query-api", "tier": 0, "team": "core-data", "domain": "platform",
        "good": 'sum(increase(http_requests_total{job="query-api",code!~"5.."}[$step]))',
        "total": 'sum(increase(http_requests_total{job="query-api"}[$step]))',
    }  # fmt: skip


def _pagerduty(folder: Path, url: str) -> dict[str, Any]:
    """What has a priority is an incident; each team is on call for what is its own."""
    return {
        "type": "pagerduty", "url": url, "token": f"file:{folder / 'pagerduty-key'}", "requests_per_second": 1000,
        "incidents": {"priorities": list(pagerduty.SEVERITIES)}, "fields": {**pagerduty.FIELDS, "rule": "rule"},
        "services": {pagerduty.service_name(team): {"team": team, "tier": 1} for team in TEAMS},
    }  # fmt: skip


def _repository(folder: Path, team: str) -> dict[str, Any]:
    path = str(folder / f"{team}.git")
    return {"type": "git", "path": path, "team": team, "tag_pattern": "release-*", "documents": ["docs/*.md"]}


def _github(folder: Path, url: str) -> dict[str, Any]:
    return {
        "type": "github", "url": url, "token": f"file:{folder / 'github-token'}",
        "repositories": [f"{ORGANISATION}/{team}" for team in ON_GITHUB],
        "deployments": {"environment": github.ENVIRONMENT}, "size_lines": {20: 1, 60: 2, 200: 3},
        "findings": ["dependabot"], "finding_days": DAYS,
        "requests_per_second": 50,
    }  # fmt: skip


def _jira(folder: Path, url: str) -> dict[str, Any]:
    return {
        "type": "jira", "url": url, "email": jira.EMAIL, "token": f"file:{folder / 'jira-token'}", "jql": jira.JQL,
        "kinds": [{"kind": kind, "types": [name]} for kind, name in jira.TYPES.items()], "sla": "Time to resolution",
        "requests_per_second": 50,
        "fields": {
            "team": "Data team", "asset": "Dataset", "severity": "Severity", "complexity": "Complexity",
            "size": {"field": "Story Points", "values": jira.SIZES},
        },
    }  # fmt: skip


def _register(folder: Path, name: str) -> dict[str, Any]:
    file, fact, fields = _REGISTERS[name]
    return {
        "type": "file", "path": str(folder / file), "fact": fact, "id": "{id}", "map": {name: name for name in fields}
    }  # fmt: skip
