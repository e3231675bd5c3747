"""How a source stands, from its newest passes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.store import Store
from tierline.config import load
from tierline.decisions import Watch
from tierline.serving.snapshots import Snapshots, source_status

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def passed(minutes: float, ok: bool = True, facts: int = 0) -> dict[str, Any]:
    """A pass that ended so many minutes ago, after 30 s."""
    ended = NOW - timedelta(minutes=minutes)
    error = None if ok else "refused"
    return {
        "started": ended - timedelta(seconds=30),
        "ended": ended,
        "ok": ok,
        "facts": facts,
        "set_aside": 2,
        "error": error,
    }


def test_a_source_never_read() -> None:
    status = source_status("a", "airflow", [], FIVE, NOW)
    assert (status["ok"], status["stale"], status["last_success"], status["duration"]) == (False, True, None, None)


def test_a_source_that_works() -> None:
    status = source_status("a", "airflow", [passed(1, facts=7), passed(6)], FIVE, NOW)
    assert status == {
        "name": "a", "type": "airflow", "ok": True, "stale": False, "last_success": NOW - timedelta(minutes=1),
        "last_attempt": NOW - timedelta(minutes=1, seconds=30), "duration": 30.0, "facts": 7, "set_aside": 2,
        "errors": 0, "error": None,
    }  # fmt: skip


def test_a_source_that_fails_is_not_ok_and_in_the_end_stale() -> None:
    status = source_status("a", "airflow", [passed(1, ok=False), passed(15)], FIVE, NOW)
    assert (status["ok"], status["stale"], status["errors"], status["error"]) == (False, False, 1, "refused")
    status = source_status("a", "airflow", [passed(1, ok=False), passed(15.1)], FIVE, NOW)
    assert status["stale"] and status["last_success"] == NOW - timedelta(minutes=15.1)


def test_a_look_at_the_sources_never_puts_older_results_over_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An evaluation ends while the look that began before it is under way."""
    config = load(None, {"TIERLINE_STORE": f"sqlite:///{tmp_path}/x.db"})
    with Store(config.store_url) as store:
        store.migrate()
        snapshots = Snapshots(store, config, lambda: NOW, Watch(config, print))
        snapshots.refresh()  # whatever is loaded by the first one is there
        counts, evaluations = store.counts, []

        def meanwhile() -> dict[str, int]:
            if not evaluations:
                store.put_results(NOW, [])
                evaluations.append(threading.Thread(target=snapshots.refresh))
                evaluations[0].start()
                evaluations[0].join(1)
            return counts()

        monkeypatch.setattr(store, "counts", meanwhile)
        snapshots.refresh(results_too=False)
        evaluations[0].join()
        assert snapshots.holder().as_of == NOW


def test_the_watch_comes_with_its_results(tmp_path: Path) -> None:
    config = load(None, {"TIERLINE_STORE": f"sqlite:///{tmp_path}/x.db"})
    with Store(config.store_url) as store:
        store.migrate()
        snapshots = Snapshots(store, config, lambda: NOW, Watch(config, print))
        snapshots.refresh()
        assert snapshots.holder().watch == {}
        store.put_results(NOW, [], {"watch": '{"alerts": [], "as_of": "now"}'})
        snapshots.refresh(results_too=False)
        assert snapshots.holder().watch == {}
        snapshots.refresh()
        assert snapshots.holder().watch == {"alerts": [], "as_of": "now"}
