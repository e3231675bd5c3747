"""What ``tierline check --connect`` says of an Airflow: one finding a capability, with the right it needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from collectors.airflow.api import AirflowApi
from collectors.airflow.settings import AirflowSettings
from collectors.base import Finding, Period
from collectors.findings import finding

_NAMED = 3
"""Names a finding shows before it only counts."""


class Asks(Protocol):
    """What the check needs of the source."""

    settings: AirflowSettings

    @property
    def api(self) -> AirflowApi: ...

    def now(self) -> datetime: ...

    def crons(self) -> tuple[int, list[str]]: ...


class Check:
    """Every capability that the settings ask for, each by a few small requests."""

    def __init__(self, source: Asks) -> None:
        self.source = source
        now = source.now()
        self.recent = Period(now - timedelta(hours=1), now, latest=True)

    def findings(self) -> list[Finding]:
        own = self.source.settings
        found = [
            _finding("version", lambda: self.source.api.version(), "the web server"),
            _finding("DAGs", lambda: self.source.api.dags(), "DAGs"),
            _finding("schedules", self._crons, "DAGs"),
            _finding("DAG runs", lambda: self.source.api.runs(self.recent), "DAG Runs"),
        ]
        if own.tasks:
            found.append(_finding("task instances", self._tasks, "Task Instances", "or set tasks: false"))
        if own.datasets:
            right = "Assets (Airflow 2: Datasets)"
            found.append(_finding("datasets and their events", self._datasets, right, "or set datasets: false"))
        return [*found, _finding("import errors", self._imports, "ImportError", "it is asked for by this check alone")]

    def _tasks(self) -> list[Any]:
        return list(self.source.api.tasks(self.source.api.runs(self.recent)[:1], self.recent))

    def _datasets(self) -> list[Any]:
        return self.source.api.datasets() + self.source.api.events(self.recent.start, None)

    def _crons(self) -> str:
        count, lost = self.source.crons()
        if not lost:
            return f"{count} crons, each in a known zone"
        return (
            f"{len(lost)} of {count} crons fit no known zone ({_few(lost)}): no run of theirs is expected. "
            "Set timezones to the zones they are in"
        )

    def _imports(self) -> str:
        files = sorted(str(error.get("filename")) for error in self.source.api.import_errors())
        if not files:
            return "none"
        return f"{len(files)} DAG files cannot be parsed ({_few(files)}): their DAGs run as last parsed, or not at all"


def _few(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" ..." if len(names) > _NAMED else "")


def _finding(what: str, call: Callable[[], Any], right: str, otherwise: str = "") -> Finding:
    """What was read, or what went wrong and, where a right is missing, which."""
    grant = f'Grant "can read on {right}" (the role Viewer has it)'
    return finding(what, lambda: _told(call()), ", ".join(part for part in (grant, otherwise) if part))


def _told(answer: Any) -> str:
    return answer if isinstance(answer, str) else f"{len(answer)} read"
