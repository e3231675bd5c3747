"""dbt's artifacts as facts. Pure: no network, no clock. A node that the manifest doesn't know goes by its unique id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from collectors.dbt.artifacts import moment
from collectors.dbt.checks import FRESHNESS, OUTCOMES, check_type, contract_outcome, freshness_severity, severity
from collectors.dbt.manifest import Manifest
from collectors.dbt.settings import DbtSettings
from slo.errors import FactError

Record = dict[str, Any]
Result = Mapping[str, Any]
BUILDS = ("model", "seed", "snapshot")
NOT_RUN = frozenset({"generate", "compile", "parse", "list", "ls", "show", "docs", "clone", "clean", "deps", "debug"})
"""Commands that write run_results.json without building or testing anything."""
BROKEN = frozenset({"error", "fail", "runtime error", "partial success"})
NODE_STATES = {"success": "success", "pass": "success", "skipped": "skipped", **dict.fromkeys(BROKEN, "failed")}


class Invocation:
    """One artifact of one dbt command. ``name`` is the source's; ``asset`` makes a dataset's name; ``place`` is where
    the artifact was found. Raises FactError where it doesn't say which invocation it is of."""

    def __init__(
        self, data: Mapping[str, Any], manifest: Manifest, place: str, name: str, asset: Callable[[str], str],
        settings: DbtSettings,
    ) -> None:  # fmt: skip
        self.data, self.manifest, self.name, self.settings, self._asset = data, manifest, name, settings, asset
        metadata = data.get("metadata") or {}
        at = moment(metadata.get("generated_at"))
        if not metadata.get("invocation_id") or at is None:
            raise FactError(f"{place}: metadata.invocation_id or generated_at is missing; dbt writes both")
        self.id, self.at, self.metadata = str(metadata["invocation_id"]), at, metadata
        self.results = [result for result in data.get("results") or [] if isinstance(result, Mapping)]
        self.command = (data.get("args") or {}).get("which")

    def asset(self, unique_id: str) -> str:
        return self._asset(self.manifest.name(unique_id))

    def built(self) -> list[Result]:
        return [result for result in self.results if _kind(result) in BUILDS]

    def run(self) -> Iterator[Record]:
        """One run a command that builds, with dbt's own verdict: failed where dbt's exit code is not 0."""
        built = self.built()
        if not built or self.command in NOT_RUN:
            return
        asset = pipeline(self.name, self._project(built), str(self.command or "run"))
        elapsed = timedelta(seconds=self.data.get("elapsed_time") or 0)
        yield {"fact": "asset", "id": asset, "asset": asset, "kind": "pipeline"}
        yield {
            "fact": "run", "id": self.id, "asset": asset, "state": self._state(built),
            "trigger": self.settings.trigger, "url": self.settings.docs_url,
            "started_at": moment(self.metadata.get("invocation_started_at")) or self.at - elapsed, "ended_at": self.at,
        }  # fmt: skip

    def _state(self, built: Sequence[Result]) -> str:
        if any(result.get("status") in BROKEN for result in self.results):
            return "failed"
        return "skipped" if {result.get("status") for result in built} == {"skipped"} else "success"

    def _project(self, built: Sequence[Result]) -> str:
        """The project's name. Where no manifest tells it: packages bring models, tests are mostly one's own."""
        if built[0]["unique_id"] in self.manifest.nodes:
            return self.manifest.project
        own = sorted(self.results, key=lambda result: _kind(result) != "test")
        return str(own[0].get("unique_id")).split(".")[1]

    def nodes(self) -> Iterator[Record]:
        """One run a model, seed and snapshot."""
        for result in self.built() if self.command not in NOT_RUN else ():
            if result.get("status") in NODE_STATES:
                yield self._node(result)

    def _node(self, result: Result) -> Record:
        times = _times(result)
        answer = result.get("adapter_response") or {}
        return {
            "fact": "run", "id": f"{self.id}/{result['unique_id']}", "asset": self.asset(result["unique_id"]),
            "state": NODE_STATES[result["status"]], "trigger": self.settings.trigger,
            "url": docs_url(self.settings, result["unique_id"]),
            "started_at": min(times, default=self.at), "ended_at": max(times, default=self.at),
            "rows": _count(answer.get("rows_affected")), "bytes": _count(answer.get("bytes_processed")),
        }  # fmt: skip

    def checks(self) -> Iterator[Record]:
        """The outcomes of tests and of contracts."""
        for result in self.results if self.command not in NOT_RUN else ():
            yield from self._test(result)
            yield from self._contract(result)

    def _test(self, result: Result) -> Iterator[Record]:
        """A test's outcome. Unit tests try the code on made-up rows: they say nothing of the data."""
        status, unique_id = str(result.get("status")), str(result.get("unique_id"))
        if _kind(result) != "test" or status not in OUTCOMES:
            return
        node = self.manifest.nodes.get(unique_id, {})
        name = (node.get("test_metadata") or {}).get("name")
        yield {
            "fact": "check_result", "id": f"{self.id}/{unique_id}", "check": unique_id,
            "asset": self.asset(self.manifest.subject(unique_id)), "url": docs_url(self.settings, unique_id),
            "type": check_type(name, self.settings.check_types) if node else None,
            "severity": severity(node, status), "outcome": OUTCOMES[status], "at": max(_times(result), default=self.at),
        }  # fmt: skip

    def _contract(self, result: Result) -> Iterator[Record]:
        """Building a model with an enforced contract checks its columns and types."""
        unique_id = str(result.get("unique_id"))
        if _kind(result) != "model" or not self.manifest.contracted(unique_id):
            return
        outcome = contract_outcome(result)
        if outcome is not None:
            yield {
                "fact": "check_result", "id": f"{self.id}/contract/{unique_id}", "check": f"contract.{unique_id}",
                "asset": self.asset(unique_id), "url": docs_url(self.settings, unique_id), "type": "schema",
                "severity": "critical", "outcome": outcome, "at": max(_times(result), default=self.at),
            }  # fmt: skip

    def freshness(self) -> Iterator[Record]:
        """Of each source: the newest data as an update (told again, it is the same fact), and dbt's verdict."""
        for result in self.results:
            unique_id, status = str(result.get("unique_id")), str(result.get("status"))
            asset, url = self.asset(unique_id), docs_url(self.settings, unique_id)
            at = moment(result.get("snapshotted_at")) or self.at
            if (loaded := moment(result.get("max_loaded_at"))) is not None:
                yield {
                    "fact": "dataset_update", "id": f"{unique_id}@{loaded.isoformat()}", "asset": asset, "url": url,
                    "at": min(loaded, at), "data_through": loaded,
                }  # fmt: skip
            if status in FRESHNESS:
                yield {
                    "fact": "check_result", "id": f"{self.id}/{unique_id}", "asset": asset, "url": url, "at": at,
                    "check": f"freshness.{unique_id}", "type": "freshness", "outcome": FRESHNESS[status],
                    "severity": freshness_severity(result.get("criteria"), status),
                }  # fmt: skip


def pipeline(source: str, project: str, command: str) -> str:
    """A dbt command is a pipeline of this source, whatever namespace its relations live in."""
    return f"{source}/{project}/{command}"


def docs_url(settings: DbtSettings, unique_id: str) -> str | None:
    """A node's page of the dbt docs site."""
    base = settings.docs_url
    return f"{base.rstrip('/')}/#!/{unique_id.split('.')[0]}/{unique_id}" if base else None


def _kind(result: Result) -> str:
    return str(result.get("unique_id")).split(".")[0]


def _times(result: Result) -> list[datetime]:
    """Every start and end that a result's timing tells; none for a node that was skipped."""
    stamps = [step.get(name) for step in result.get("timing") or [] for name in ("started_at", "completed_at")]
    return [when for when in map(moment, stamps) if when is not None]


def _count(value: Any) -> float | None:
    """A number of rows or bytes; adapters answer -1 or a text where they don't know."""
    return float(value) if isinstance(value, (int, float)) and value >= 0 else None
