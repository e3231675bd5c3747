"""dbt Cloud: runs of jobs with their cause and due time, and the artifacts of their steps.

What changed is found by the moment a run ended; runs in flight are asked for in every pass, and one that is no longer
among them by its number. Artifacts of a run never change, so they are read once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from collectors.base import Enumerated, Finding, Period, Raw
from collectors.crons import five_fields
from collectors.dbt.artifacts import moment
from collectors.dbt.cloud_api import GRANTS, IN_FLIGHT, CloudApi
from collectors.dbt.manifest import Manifest
from collectors.dbt.settings import Cloud
from collectors.findings import finding
from collectors.naming import distinct

Record = dict[str, Any]
STATES = {1: "running", 2: "running", 3: "running", 10: "success", 20: "failed", 30: "cancelled"}
_PULL_REQUEST = ("github_pull_request_id", "gitlab_merge_request_id", "azure_pull_request_id",
                 "non_native_pull_request_id")  # fmt: skip
_AHEAD = timedelta(hours=1)
"""How much the server's clock may be ahead of ours."""
_RESULTS = re.compile(r"\bdbt\b.*\b(build|run|test|seed|snapshot|retry)\b")
_SOURCES = re.compile(r"\bdbt\b.*\bsource\b.*\bfreshness\b")
_LOOK = timedelta(days=1)
_LOOKED_BACK = 5
"""Runs of a project that are asked for a manifest, newest first: one that broke before parsing has none."""


class Reads(Protocol):
    """What the reader needs of the source: its memory, and its names for things."""

    memory: dict[str, Any]

    def manifest(self, data: Record | None) -> Manifest: ...

    def names(self, manifest: Manifest) -> tuple[set[str], set[str]]:
        """The assets and the ids of the edges that a manifest tells."""
        ...

    def job(self, name: str) -> str:
        """The asset of a job."""
        ...


class CloudReader:
    """Reads one account in one period, for a source."""

    def __init__(self, api: CloudApi, cloud: Cloud, source: Reads) -> None:
        self.api, self.cloud, self.source, self.memory = api, cloud, source, source.memory

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        jobs = [job for job in self.api.jobs() if self._wanted(job)]
        named = distinct((job["id"], str(job["name"])) for job in sorted(jobs, key=lambda job: job["id"]))
        called = {number: self.source.job(name) for number, name in named.items()}
        runs = {run["id"]: run for run in self.api.finished(period.start, period.end + _AHEAD)}
        if period.latest:
            yield from (Raw("job", job, {"asset": called[job["id"]]}) for job in jobs)
            yield from self._unsettled(runs)
        runs = {number: run for number, run in runs.items() if job_of(run) in called and not _of_pull_request(run)}
        yield from (Raw("cloud_run", run, {"asset": called[job_of(run)]}) for run in runs.values())
        yield from self._artifacts([run for run in runs.values() if run["status"] not in IN_FLIGHT], period)
        if period.latest:
            yield from self._register(jobs, set(called.values()))

    def _wanted(self, job: Record) -> bool:
        """Jobs of the environments that are read, but none that tries out a pull request."""
        only = self.cloud.environment_ids
        return job.get("job_type") != "ci" and (not only or job.get("environment_id") in only)

    def _unsettled(self, runs: dict[int, Record]) -> Iterator[Raw]:
        """Adds to ``runs`` those in flight and those that were; remembers what is in flight now."""
        flying = {run["id"]: run for run in self.api.in_flight()}
        for number in self.memory.get("in_flight") or []:
            if number not in runs and number not in flying:
                found = self.api.run(number)
                if found:
                    runs[number] = found
                else:
                    yield Raw("run_gone", number)
        runs.update({number: run for number, run in flying.items() if number not in runs})
        self.memory["in_flight"] = sorted(number for number, run in runs.items() if run["status"] in IN_FLIGHT)

    def _artifacts(self, runs: list[Record], period: Period) -> Iterator[Raw]:
        """Results of the runs' steps, with the newest manifest of their project in their environment."""
        read = set(self.memory.get("read") or []) if period.latest else set()
        groups = defaultdict(list)
        for run in sorted(runs, key=lambda run: run["id"], reverse=True):
            if run["id"] not in read:
                groups[run["project_id"], run.get("environment_id")].append(run)
        for group in groups.values():
            manifest = self._newest(group)
            if manifest and period.latest:
                yield from self._told(group[0], manifest)
            for run in group:
                yield from self._results(run, manifest or self.source.manifest(None))
        if period.latest:
            self.memory["read"] = sorted(run["id"] for run in runs)

    def _newest(self, runs: list[Record]) -> Manifest | None:
        for run in runs[:_LOOKED_BACK]:
            if (data := self.api.artifact(run["id"], "manifest.json")) is not None:
                return self.source.manifest(data)
        return None

    def _told(self, run: Record, manifest: Manifest) -> Iterator[Raw]:
        """A manifest is its project's register where no newer run's is. Remembered: a pass in which no job of the
        project ran reads no manifest, and nothing of it is gone."""
        kept = self.memory.setdefault("projects", {})
        before = kept.get(str(run["project_id"]))
        if before is None or before["run"] < run["id"]:
            assets, edges = self.source.names(manifest)
            kept[str(run["project_id"])] = {"run": run["id"], "assets": sorted(assets), "edges": sorted(edges)}
            yield Raw("manifest", manifest.project, {"manifest": manifest})

    def _results(self, run: Record, manifest: Manifest) -> Iterator[Raw]:
        for kind, step in self._steps(run):
            data = self.api.artifact(run["id"], f"{kind}.json", step)
            if data is not None:
                place = f"{self.api.http.base}runs/{run['id']}/artifacts/{kind}.json"
                yield Raw(kind, data, {"manifest": manifest, "path": place, "cloud": True})

    def _steps(self, run: Record) -> list[tuple[str, int | None]]:
        """(artifact, step): each step overwrites what the one before wrote, so each is asked for its own. Where the
        steps cannot be told apart, the last one's."""
        whole = self.api.run(run["id"], "run_steps")
        if whole is None:  # deleted since it was listed
            return []
        steps = [(str(step.get("name")), int(step["index"])) for step in whole.get("run_steps") or []]
        if not steps:
            return [("run_results", None), ("sources", None)]
        kinds = [("sources" if _SOURCES.search(name) else "run_results", name, index) for name, index in steps]
        return [(kind, index) for kind, name, index in kinds if kind == "sources" or _RESULTS.search(name)]

    def _register(self, jobs: list[Record], pipelines: set[str]) -> Iterator[Enumerated]:
        """All there is: the jobs, and what the newest manifest of each project that still has a job holds."""
        alive = {str(job["project_id"]) for job in jobs}
        kept = {number: told for number, told in (self.memory.get("projects") or {}).items() if number in alive}
        self.memory["projects"] = kept
        assets = {name for told in kept.values() for name in told["assets"]}
        yield Enumerated("asset", frozenset(assets | pipelines))
        yield Enumerated("edge", frozenset(edge for told in kept.values() for edge in told["edges"]))

    def check(self, now: datetime) -> list[Finding]:
        """Jobs, runs and artifacts, each by a small request of its own."""
        return [
            finding("jobs", lambda: _environments(self.api.jobs()), GRANTS),
            finding("runs", lambda: f"{len(self.api.finished(now - _LOOK, now))} ended in the last day", GRANTS),
            finding("artifacts", lambda: self._artifact_found(now), GRANTS),
        ]

    def _artifact_found(self, now: datetime) -> str:
        runs = [run for run in self.api.finished(now - _LOOK, now) if not _of_pull_request(run)]
        found = self._newest(runs[::-1])
        return f"the manifest of {found.project} was read" if found else "no run of the last day has a manifest"


def _environments(jobs: list[Record]) -> str:
    """More than one environment is worth a word: staging's jobs are not production's."""
    numbers = sorted({job["environment_id"] for job in jobs if job.get("environment_id")})
    if len(numbers) < 2:
        return f"{len(jobs)} read"
    named = ", ".join(map(str, numbers[:5]))
    return f"{len(jobs)} in {len(numbers)} environments ({named}); name those of production in environment_ids"


def job_of(run: Mapping[str, Any]) -> Any:
    """The number of a run's job; accounts differ in what they call it."""
    return run.get("job_definition_id") or run.get("job_id")


def _of_pull_request(run: Mapping[str, Any]) -> bool:
    return any((run.get("trigger") or {}).get(field) for field in _PULL_REQUEST)


def job_fact(job: Mapping[str, Any], asset: str, cloud: Cloud) -> Record:
    """A job as it is today. dbt Cloud's crons are in UTC; one whose schedule is switched off calls for nothing."""
    scheduled = bool((job.get("triggers") or {}).get("schedule"))
    cron = five_fields((job.get("schedule") or {}).get("cron")) if scheduled else None
    return {
        "fact": "asset", "id": asset, "asset": asset, "kind": "pipeline", "description": job.get("description") or None,
        "url": f"{cloud.host}/deploy/{cloud.account_id}/projects/{job.get('project_id')}/jobs/{job['id']}",
        "schedule": cron, "schedule_tz": "UTC" if cron else None,
    }  # fmt: skip


def run_fact(run: Mapping[str, Any], asset: str) -> Record:
    """One run of a job. A status nobody knows yet is cancelled once it ended (it counts nowhere), running before."""
    trigger = trigger_of(run)
    otherwise = "cancelled" if run.get("finished_at") else "running"
    return {
        "fact": "run", "id": f"run/{run['id']}", "asset": asset, "url": run.get("href"),
        "state": STATES.get(run["status"], otherwise), "trigger": trigger,
        "due_at": _due(run) if trigger == "schedule" else None,
        "started_at": moment(run.get("started_at")), "ended_at": moment(run.get("finished_at")),
    }  # fmt: skip


def trigger_of(run: Mapping[str, Any]) -> str | None:
    """What the words of its cause say: the schedule, a person, or another program. None where there are none."""
    cause = str((run.get("trigger") or {}).get("cause") or "").lower()
    if not cause:
        return None
    if "schedul" in cause:
        return "schedule"
    by_hand = "manual" in cause or re.search(r"\bui\b|kicked off (from|by)", cause)
    return "manual" if by_hand and "api" not in cause else "event"


def _due(run: Mapping[str, Any]) -> datetime | None:
    """The cron's tick: its scheduler writes down the moment it saw to it, which is in that minute."""
    due = moment(run.get("should_start_at"))
    return due.replace(second=0, microsecond=0) if due else None
