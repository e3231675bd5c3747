"""dbt: runs, tests, contracts, source freshness, and what the project knows of its datasets, from its artifacts: in a
folder, in object storage, or in dbt Cloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.dbt import cloud as dbt_cloud
from collectors.dbt.artifacts import Artifact, Shelf, nearest_manifest
from collectors.dbt.cloud_api import GRANTS, CloudApi
from collectors.dbt.manifest import Manifest
from collectors.dbt.places import place
from collectors.dbt.results import Invocation, docs_url, pipeline
from collectors.dbt.settings import Cloud, DbtSettings
from slo.errors import FactError, SourceError

Record = dict[str, Any]
_ACCOUNT = re.compile(r"(https://[\w.-]*\b(?:getdbt|dbt)\.com)/(?:next/)?(?:deploy|accounts|develop|dashboard)/(\d+)")
COMMANDS = ("build", "run", "seed", "snapshot", "retry")


class DbtSource(Source):
    plugin = "dbt"
    title = "dbt (artifacts on disk, in object storage or in dbt Cloud)"
    family = "transformation"
    tells = {
        "asset": (
            "kind", "description", "tags", "owner", "team", "domain", "tier", "layer", "classification", "retention",
            "encrypted", "regulated", "critical", "template", "accountability", "tested", "freshness",
            "freshness_objective", "quality_objective", "schedule", "schedule_tz",
        ),
        "run": ("asset", "state", "trigger", "due_at", "started_at", "ended_at", "bytes", "rows"),
        "check_result": ("asset", "check", "type", "severity", "outcome", "at"),
        "dataset_update": ("asset", "at", "data_through"),
        "edge": ("upstream", "downstream", "seen_at"),
    }  # fmt: skip
    settle = timedelta(hours=1)
    chunk = timedelta(days=7)
    requests_per_second = 5.0
    tested = (
        "dbt 1.11 with DuckDB and PostgreSQL, run live; artifacts of dbt 0.21 to 1.12 (run-results v2-v6, manifest "
        "v11-v12); S3 by moto; dbt Cloud by answers made after its documentation"
    )
    grants = f"A folder: read access. S3: s3:ListBucket and s3:GetObject on the prefix. dbt Cloud: {GRANTS}"
    Settings = DbtSettings

    def __init__(self, name: str, settings: DbtSettings, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        self._shelf: Shelf | None = None
        self._last: tuple[PurePosixPath, Manifest] | None = None

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        """A target folder, or one that holds copies of it; an account of dbt Cloud as the browser shows it."""
        account = _ACCOUNT.match(place)
        if account:
            return {"cloud": {"host": account[1], "account_id": int(account[2])}}
        known = ("manifest.json", "run_results.json", "*/manifest.json", "*/run_results.json")
        return {"path": place} if any(next(Path(place).glob(name), None) for name in known) else None

    @property
    def shelf(self) -> Shelf:
        """The artifacts in a folder or in object storage, with what is known of them."""
        if self._shelf is None:
            own: DbtSettings = self.settings
            self._shelf = Shelf(place(str(own.path), own.storage, own.storage_secrets))
        return self._shelf

    def _cloud(self, cloud: Cloud) -> dbt_cloud.CloudReader:
        return dbt_cloud.CloudReader(CloudApi(cloud, self.rate), cloud, self)

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Results generated in the period (or, incrementally, files that arrived in it); the newest manifest of each
        project when the period is the latest. A broken file is a record to be set aside."""
        cloud: Cloud | None = self.settings.cloud
        yield from self._cloud(cloud).fetch(period) if cloud else self._files(period)

    def _files(self, period: Period) -> Iterator[Raw | Enumerated]:
        artifacts, errors = self.shelf.scan(period.start)
        broken = [_broken(path, error) for path, error in errors]
        yield from broken
        manifests = [artifact for artifact in artifacts if artifact.kind == "manifest"]
        for artifact in sorted(artifacts, key=lambda artifact: artifact.generated_at):
            if artifact.kind != "manifest" and _covers(period, artifact):
                yield self._results(artifact, nearest_manifest(artifact, manifests))
        if period.latest and manifests and not broken:
            yield from self._register(manifests)
        self._last = None

    def _results(self, artifact: Artifact, manifest: Artifact | None) -> Raw:
        try:
            known = self._loaded(manifest) if manifest else self.manifest(None)
            return Raw(artifact.kind, self.shelf.load(artifact.path), {"manifest": known, "path": str(artifact.path)})
        except (OSError, ValueError) as error:
            return _broken(artifact.path, error)

    def _loaded(self, artifact: Artifact) -> Manifest:
        """Only the last one is kept: a large project's manifest is a hundred megabytes."""
        if self._last is None or self._last[0] != artifact.path:
            self._last = None
            self._last = artifact.path, self.manifest(self.shelf.load(artifact.path))
        return self._last[1]

    def manifest(self, data: Mapping[str, Any] | None) -> Manifest:
        return Manifest(data, self.settings.case, self.settings.folders)

    def _register(self, manifests: list[Artifact]) -> Iterator[Raw | Enumerated]:
        """Assets and lineage of each project's newest manifest; then that this is all there is."""
        assets: set[str] = set()
        edges: set[str] = set()
        projects: set[str] = set()
        for artifact in sorted(manifests, key=lambda artifact: artifact.generated_at, reverse=True):
            try:
                manifest = self._loaded(artifact)
            except (OSError, ValueError) as error:
                yield _broken(artifact.path, error)
                return
            if manifest.project not in projects:
                projects.add(manifest.project)
                named, linked = self.names(manifest)
                assets |= named | {pipeline(self.name, manifest.project, command) for command in COMMANDS}
                edges |= linked
                yield Raw("manifest", manifest.project, {"manifest": manifest})
        yield Enumerated("asset", frozenset(assets))
        yield Enumerated("edge", frozenset(edges))

    def names(self, manifest: Manifest) -> tuple[set[str], set[str]]:
        """The assets and the ids of the edges that a manifest tells."""
        assets = {self._named(manifest, key) for key in (*manifest.datasets(), *manifest.exposures)}
        return assets, {edge["id"] for edge in self._edges(manifest)}

    def job(self, name: str) -> str:
        """The asset of a dbt Cloud job."""
        return f"{self.name}/{name}"

    def _named(self, manifest: Manifest, key: str) -> str:
        """A relation's asset is named as the warehouse names it; an exposure lives in this project alone."""
        if key in manifest.exposures:
            return pipeline(self.name, manifest.project, f"exposure/{key.split('.')[-1]}")
        return self.asset(manifest.name(key))

    def parse(self, raw: Raw) -> Iterator[Record]:
        """Facts of one record. A result whose node the manifest doesn't know is told under its unique id."""
        if raw.kind == "broken":
            raise FactError(f"{raw.data['path']}: {raw.data['error']}; is dbt still writing it, or was it cut off?")
        if raw.kind == "job":
            yield dbt_cloud.job_fact(raw.data, raw.context["asset"], self.settings.cloud)
        elif raw.kind == "cloud_run":
            if self.settings.runs == "invocations":
                yield dbt_cloud.run_fact(raw.data, raw.context["asset"])
        elif raw.kind == "run_gone":
            yield {"fact": "run", "id": f"run/{raw.data}", "deleted": True}
        elif raw.kind == "manifest":
            yield from self._assets(raw.context["manifest"])
            yield from self._edges(raw.context["manifest"])
        else:
            yield from self._invocation(raw)

    def _invocation(self, raw: Raw) -> Iterator[Record]:
        """What one command told. In dbt Cloud the job's run stands for its commands."""
        context = raw.context
        told = Invocation(raw.data, context["manifest"], context["path"], self.name, self.asset, self.settings)
        if raw.kind == "sources":
            yield from told.freshness()
            return
        if self.settings.runs == "invocations" and not context.get("cloud"):
            yield from told.run()
        elif self.settings.runs == "nodes":
            yield from told.nodes()
        yield from told.checks()

    def _assets(self, manifest: Manifest) -> Iterator[Record]:
        for key in manifest.datasets():
            name = self._named(manifest, key)
            fields = manifest.asset(key, self.settings.freshness)
            yield {"fact": "asset", "id": name, "asset": name, "url": docs_url(self.settings, key), **fields}
        for key in sorted(manifest.exposures):
            name = self._named(manifest, key)
            yield {"fact": "asset", "id": name, "asset": name, **manifest.exposure(key)}

    def _edges(self, manifest: Manifest) -> Iterator[Record]:
        for upstream, downstream in (*manifest.edges(), *manifest.uses()):
            above, below = self._named(manifest, upstream), self._named(manifest, downstream)
            yield {"fact": "edge", "id": f"{above} -> {below}", "upstream": above, "downstream": below}

    def check(self) -> list[Finding]:
        """What is there, kind by kind."""
        cloud: Cloud | None = self.settings.cloud
        if cloud:
            return self._cloud(cloud).check(self.now())
        try:
            artifacts, errors = self.shelf.scan()
        except SourceError as error:
            return [Finding(False, str(error))]
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


def _broken(path: PurePosixPath, error: Exception) -> Raw:
    return Raw("broken", {"path": str(path), "error": str(error)})
