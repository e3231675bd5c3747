"""The ready snapshot: what the store holds, put in place whole."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slo.store import Store
from tierline.config import load
from tierline.decisions import Watch
from tierline.serving.snapshots import Snapshots

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


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
