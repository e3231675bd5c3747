"""dbt Core's artifacts on disk: runs, tests, source freshness, and what the manifest knows of its datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.dbt_artifacts import Artifact, load, moment, nearest_manifest, scan
from collectors.dbt_checks import FRESHNESS, OUTCOMES, check_type, freshness_severity, severity
from collectors.dbt_manifest import Manifest
from slo.errors import FactError, SourceError

BUILDS = ("model", "seed", "snapshot")
COMMANDS = ("build", "run", "seed", "snapshot", "retry")
NOT_RUN = frozenset({"generate", "compile", "parse", "list", "ls", "show", "docs", "clone", "clean", "deps", "debug"})
"""Commands that write run_results.json without building or testing anything."""
BROKEN = frozenset({"error", "fail", "runtime error", "partial success"})
NODE_STATES = {"success": "success", "pass": "success", "skipped": "skipped", **dict.fromkeys(BROKEN, "failed")}
CheckType = Literal["schema", "null", "range", "reconciliation", "freshness", "volume", "custom"]


class DbtSettings(SourceSettings):
    path: Path = Field(description="dbt's target folder, or a folder holding copies of it at any depth.")
    runs: Literal["invocations", "nodes", "none"] = Field(
        "invocations",
        description="What counts as a run: each dbt command that builds (default), each model, seed and snapshot of "
        "it, or nothing (an orchestrator that is collected too already tells these runs).",
    )
    trigger: Literal["schedule", "event", "manual", "backfill"] = Field(
        "event", description="What starts dbt here; the artifacts don't say. Manual and backfill runs are not judged."
    )
    freshness: Literal["error", "warn", "none"] = Field(
        "error", description="Which of a source's freshness limits is the dataset's threshold (the other stands in)."
    )
    docs_url: str | None = Field(None, description="Address of the dbt docs site, for links.")
    case: Literal["as_is", "lower", "upper"] = Field(
        "as_is", description="Spelling of relation names, where the warehouse's collector spells them otherwise."
    )
    check_types: dict[str, CheckType] = Field(
        default_factory=dict, description="Generic test name -> check type, for your own tests."
    )


class DbtSource(Source):
    plugin = "dbt"
    title = "dbt (artifacts on disk)"
    family = "transformation"
    tells = {
        "asset": (
            "kind", "description", "tags", "owner", "team", "domain", "tier", "layer", "classification", "retention",
            "encrypted", "regulated", "critical", "template", "tested", "freshness", "freshness_objective",
            "quality_objective",
        ),
        "run": ("asset", "state", "trigger", "started_at", "ended_at", "bytes", "rows"),
        "check_result": ("asset", "check", "type", "severity", "outcome", "at"),
        "dataset_update": ("asset", "at", "data_through"),
        "edge": ("upstream", "downstream", "seen_at"),
    }  # fmt: skip
    settle = timedelta(hours=1)
    chunk = timedelta(days=30)
    tested = "dbt 1.11 with DuckDB, run live; artifacts of dbt 0.21 to 1.12 (run-results v2-v6, manifest v11-v12)"
    grants = "Read access to the folder."
    Settings = DbtSettings

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Results generated in the period (or, incrementally, files that arrived in it); the newest manifest of each
        project when the period is the latest. A broken file is a record to be set aside."""
        artifacts, errors = scan(self.settings.path, period.start)
        broken = [_broken(path, error) for path, error in errors]
        yield from broken
        manifests = [artifact for artifact in artifacts if artifact.kind == "manifest"]
        cache: dict[Path, Manifest] = {}
        for artifact in sorted(artifacts, key=lambda artifact: artifact.generated_at):
            if artifact.kind != "manifest" and _covers(period, artifact):
                yield self._results(artifact, nearest_manifest(artifact, manifests), cache)
        if period.latest and manifests and not broken:
            yield from self._register(manifests, cache)

    def _results(self, artifact: Artifact, manifest: Artifact | None, cache: dict[Path, Manifest]) -> Raw:
        try:
            known = self._manifest(manifest, cache) if manifest else Manifest(case=self.settings.case)
            return Raw(artifact.kind, load(artifact.path), {"manifest": known, "path": str(artifact.path)})
        except (OSError, ValueError) as error:
            return _broken(artifact.path, error)

    def _manifest(self, artifact: Artifact, cache: dict[Path, Manifest]) -> Manifest:
        """Only the last one is kept: a large project's manifest is a hundred megabytes."""
        if artifact.path not in cache:
            cache.clear()
            cache[artifact.path] = Manifest(load(artifact.path), self.settings.case)
        return cache[artifact.path]

    def _register(self, manifests: list[Artifact], cache: dict[Path, Manifest]) -> Iterator[Raw | Enumerated]:
        """Assets and lineage of each project's newest manifest; then that this is all there is."""
        assets: set[str] = set()
        edges: set[str] = set()
        projects: set[str] = set()
        for artifact in sorted(manifests, key=lambda artifact: artifact.generated_at, reverse=True):
            try:
                manifest = self._manifest(artifact, cache)
            except (OSError, ValueError) as error:
                yield _broken(artifact.path, error)
                return
            if manifest.project in projects:
                continue
            projects.add(manifest.project)
            assets |= {self.asset(manifest.name(key)) for key in manifest.datasets()}
            assets |= {self._pipeline(manifest.project, command) for command in COMMANDS}
            edges |= {self._edge_id(manifest, *edge) for edge in manifest.edges()}
            yield Raw("manifest", manifest.project, {"manifest": manifest})
        yield Enumerated("asset", frozenset(assets))
        yield Enumerated("edge", frozenset(edges))

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        """Facts of one artifact. A result whose node the manifest doesn't know is told under its unique id."""
        if raw.kind == "broken":
            raise FactError(f"{raw.data['path']}: {raw.data['error']}; is dbt still writing it, or was it cut off?")
        manifest: Manifest = raw.context["manifest"]
        if raw.kind == "manifest":
            yield from self._assets(manifest)
            yield from self._edges(manifest)
            return
        results = [result for result in raw.data.get("results") or [] if isinstance(result, Mapping)]
        if raw.kind == "sources":
            for result in results:
                yield from self._freshness(raw, manifest, result)
        elif (raw.data.get("args") or {}).get("which") not in NOT_RUN:
            yield from self._runs(raw, manifest, results)
            for result in results:
                yield from self._check(raw, manifest, result)

    def _assets(self, manifest: Manifest) -> Iterator[dict[str, Any]]:
        for key in manifest.datasets():
            name = self.asset(manifest.name(key))
            yield {
                "fact": "asset", "id": name, "asset": name, "url": self._url(manifest, key),
                **manifest.asset(key, self.settings.freshness),
            }  # fmt: skip

    def _edges(self, manifest: Manifest) -> Iterator[dict[str, Any]]:
        for upstream, downstream in manifest.edges():
            yield {
                "fact": "edge", "id": self._edge_id(manifest, upstream, downstream),
                "upstream": self.asset(manifest.name(upstream)), "downstream": self.asset(manifest.name(downstream)),
            }  # fmt: skip

    def _runs(self, raw: Raw, manifest: Manifest, results: list[Any]) -> Iterator[dict[str, Any]]:
        built = [result for result in results if _kind(result) in BUILDS]
        if not built or self.settings.runs == "none":
            return
        if self.settings.runs == "invocations":
            run = self._invocation(raw, manifest, built, results)
            yield {"fact": "asset", "id": run["asset"], "asset": run["asset"], "kind": "pipeline"}
            yield run
            return
        for result in built:
            if result.get("status") in NODE_STATES:
                yield self._node_run(raw, manifest, result)

    def _invocation(self, raw: Raw, manifest: Manifest, built: list[Any], results: list[Any]) -> dict[str, Any]:
        """One run a command, with dbt's own verdict: failed where dbt's exit code is not 0."""
        metadata, at = _metadata(raw)
        states = {result.get("status") for result in built}
        state = "failed" if any(result.get("status") in BROKEN for result in results) else "success"
        elapsed = timedelta(seconds=raw.data.get("elapsed_time") or 0)
        command = str((raw.data.get("args") or {}).get("which") or "run")
        project = manifest.project if built[0]["unique_id"] in manifest.nodes else _project(results)
        return {
            "fact": "run", "id": metadata["invocation_id"], "asset": self._pipeline(project, command),
            "state": "skipped" if states == {"skipped"} and state == "success" else state,
            "trigger": self.settings.trigger, "url": self.settings.docs_url,
            "started_at": moment(metadata.get("invocation_started_at")) or at - elapsed, "ended_at": at,
        }  # fmt: skip

    def _node_run(self, raw: Raw, manifest: Manifest, result: Mapping[str, Any]) -> dict[str, Any]:
        metadata, at = _metadata(raw)
        times = _times(result)
        answer = result.get("adapter_response") or {}
        return {
            "fact": "run", "id": f"{metadata['invocation_id']}/{result['unique_id']}",
            "asset": self.asset(manifest.name(result["unique_id"])), "state": NODE_STATES[result["status"]],
            "trigger": self.settings.trigger, "url": self._url(manifest, result["unique_id"]),
            "started_at": min(times, default=at), "ended_at": max(times, default=at),
            "rows": _count(answer.get("rows_affected")), "bytes": _count(answer.get("bytes_processed")),
        }  # fmt: skip

    def _check(self, raw: Raw, manifest: Manifest, result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """A test's outcome. Unit tests try the code on made-up rows: they say nothing of the data."""
        status, unique_id = str(result.get("status")), str(result.get("unique_id"))
        if _kind(result) != "test" or status not in OUTCOMES:
            return
        metadata, at = _metadata(raw)
        node = manifest.nodes.get(unique_id, {})
        name = (node.get("test_metadata") or {}).get("name")
        yield {
            "fact": "check_result", "id": f"{metadata['invocation_id']}/{unique_id}", "check": unique_id,
            "asset": self.asset(manifest.name(manifest.subject(unique_id))), "url": self._url(manifest, unique_id),
            "type": check_type(name, self.settings.check_types) if node else None,
            "severity": severity(node, status), "outcome": OUTCOMES[status], "at": max(_times(result), default=at),
        }  # fmt: skip

    def _freshness(self, raw: Raw, manifest: Manifest, result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The newest data as an update (told again, it is the same fact), and dbt's verdict as a check."""
        metadata, generated = _metadata(raw)
        unique_id, status = str(result.get("unique_id")), str(result.get("status"))
        asset = self.asset(manifest.name(unique_id))
        at = moment(result.get("snapshotted_at")) or generated
        if (loaded := moment(result.get("max_loaded_at"))) is not None:
            yield {
                "fact": "dataset_update", "id": f"{unique_id}@{loaded.isoformat()}", "asset": asset,
                "url": self._url(manifest, unique_id), "at": min(loaded, at), "data_through": loaded,
            }  # fmt: skip
        if status in FRESHNESS:
            yield {
                "fact": "check_result", "id": f"{metadata['invocation_id']}/{unique_id}", "asset": asset, "at": at,
                "check": f"freshness.{unique_id}", "type": "freshness", "outcome": FRESHNESS[status],
                "severity": freshness_severity(result.get("criteria"), status), "url": self._url(manifest, unique_id),
            }  # fmt: skip

    def _pipeline(self, project: str, command: str) -> str:
        """A dbt command is a pipeline of this source, whatever namespace its relations live in."""
        return f"{self.name}/{project}/{command}"

    def _edge_id(self, manifest: Manifest, upstream: str, downstream: str) -> str:
        return f"{self.asset(manifest.name(upstream))} -> {self.asset(manifest.name(downstream))}"

    def _url(self, manifest: Manifest, unique_id: str) -> str | None:
        base = self.settings.docs_url
        return f"{base.rstrip('/')}/#!/{unique_id.split('.')[0]}/{unique_id}" if base else None

    def check(self) -> list[Finding]:
        """What is in the folder, kind by kind."""
        try:
            artifacts, errors = scan(self.settings.path)
        except SourceError as error:
            return [Finding(False, str(error), "point `path` at dbt's target folder")]
        findings = [Finding(False, f"{path}: {error}", "write it again") for path, error in errors]
        for kind, remedy in _REMEDIES.items():
            number = sum(artifact.kind == kind for artifact in artifacts)
            findings.append(Finding(number > 0, f"{number} {kind} in {self.settings.path}", "" if number else remedy))
        return findings


_REMEDIES = {
    "run_results": "run `dbt build`; copy target/run_results.json away after each command, the next one overwrites it",
    "manifest": "copy manifest.json beside the results: without it tests have no dataset, and datasets no owner",
    "sources": "run `dbt source freshness` for freshness; without it nothing is told of it",
}


def _covers(period: Period, artifact: Artifact) -> bool:
    """History goes by when a result was made; an incremental read also by when its file arrived."""
    arrived = period.incremental and artifact.changed >= period.start
    return arrived or period.start <= artifact.generated_at < period.end


def _broken(path: Path, error: Exception) -> Raw:
    return Raw("broken", {"path": str(path), "error": str(error)})


def _kind(result: Mapping[str, Any]) -> str:
    return str(result.get("unique_id")).split(".")[0]


def _project(results: list[Any]) -> str:
    """The project's name where no manifest tells it: installed packages bring models, tests are mostly one's own."""
    own = sorted(results, key=lambda result: _kind(result) != "test")
    return str(own[0].get("unique_id")).split(".")[1]


def _metadata(raw: Raw) -> tuple[Mapping[str, Any], datetime]:
    """The artifact's metadata and when it was made. Raises FactError where it doesn't say which invocation it is of."""
    metadata = raw.data.get("metadata") or {}
    at = moment(metadata.get("generated_at"))
    if not metadata.get("invocation_id") or at is None:
        raise FactError(f"{raw.context['path']}: metadata.invocation_id or generated_at is missing; dbt writes both")
    return metadata, at


def _times(result: Mapping[str, Any]) -> list[datetime]:
    """Every start and end that a result's timing tells; none for a node that was skipped."""
    stamps = [step.get(name) for step in result.get("timing") or [] for name in ("started_at", "completed_at")]
    return [when for when in map(moment, stamps) if when is not None]


def _count(value: Any) -> float | None:
    """A number of rows or bytes; adapters answer -1 or a text where they don't know."""
    return float(value) if isinstance(value, (int, float)) and value >= 0 else None
