"""What each alert policy would have done over the demo's year: the tables of docs/alerting.md.

    python -m bench.alerts                    measures, and prints the tables
    python -m bench.alerts --write            and puts them into docs/alerting.md
    python -m bench.alerts --folder stores    keeps the stores there: made once, measured often
    python -m bench.alerts --candidates       measures what batch-wide and event-count were chosen among, too

The demo's own facts, read by the real collectors: inventory, orchestrator, pager, probes, lineage and maintenance. The
world is always the same: a fixed last day, a seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bench.teams import TEAMS, between, daily
from collectors.runner import Runner
from slo.alerting.moments import ticks
from slo.alerting.policies import Lookback, Policy, load_policies
from slo.alerting.replay.firing import Span
from slo.alerting.replay.story import objectives
from slo.alerting.replay.trial import Objective, trials, tried
from slo.derive import derive
from slo.engine import Engine, Query
from slo.results import Results
from slo.store import Store
from slo.view import View
from slo.windows import parse_window
from tierline.config import load
from tierline.demo.files import registers
from tierline.demo.files.books import BOOKS, write
from tierline.demo.files.targets import TEAM, adopted
from tierline.demo.platform import PASSWORD, TOKENS, demo_settings, start_servers, write_inventory
from tierline.demo.servers import airflow
from tierline.demo.world import World
from tierline.printed.replay import HEADERS, cells
from tierline.targets import promised

END = datetime(2026, 11, 20, 6, tzinfo=UTC)
DAYS = 365
SEEDS = (20, 21, 22)
"""The demo's own first."""
SOURCES = ("inventory", "catalog", "airflow-prod", "pagerduty", "prometheus", "lineage", "maintenance")
MORE: Mapping[str, tuple[int, ...]] = {"distinguished_platform": (12,), "staff_dataops": (1,)}
"""Rows that are adopted beyond the demo's own: 99.9 % of requests, and 99 % of the time fresh, at tier 1."""
DAILY = "daily"
"""The profile of the promises made for one daily pipeline each: 99 % of its runs."""
WHOLE, SINGLE = "Objectives of the platform", "Objectives of one daily pipeline each"
Told = tuple[list[dict[str, Any]], list[dict[str, Any]]]
CANDIDATES = {
    "1h-30m-5-2": ("1h", "30m", 0.05, 2), "2h-1h-5-2": ("2h", "1h", 0.05, 2), "3h-1h-5-2": ("3h", "1h", 0.05, 2),
    "3h-1h-5-3": ("3h", "1h", 0.05, 3), "4h-1h-8-2": ("4h", "1h", 0.08, 2), "6h-1h-5-2": ("6h", "1h", 0.05, 2),
    "6h-1h-5-3": ("6h", "1h", 0.05, 3), "6h-1h-10-3": ("6h", "1h", 0.1, 3), "12h-2h-20-3": ("12h", "2h", 0.2, 3),
    "1d-2h-30-3": ("1d", "2h", 0.3, 3), "1d-2h-30-4": ("1d", "2h", 0.3, 4), "2d-6h-50-3": ("2d", "6h", 0.5, 3),
    "3d-6h-50-3": ("3d", "6h", 0.5, 3), "3d-1d-50-3": ("3d", "1d", 0.5, 3), "7d-1d-75-3": ("7d", "1d", 0.75, 3),
}  # fmt: skip
"""What batch-wide was chosen among: long, short, share of the budget, bad events."""
DAYS_LONG: Mapping[str, tuple[str, str, float | None, int]] = {
    "7d-1d-even-2": ("7d", "1d", None, 2), "8d-1d-even-2": ("8d", "1d", None, 2), "8d-1d-33-2": ("8d", "1d", 0.33, 2),
    "8d-1d-50-2": ("8d", "1d", 0.5, 2), "8d-1d-50-3": ("8d", "1d", 0.5, 3), "8d-1d-75-2": ("8d", "1d", 0.75, 2),
    "3d-1d-20-2": ("3d", "1d", 0.2, 2), "3d-1d-50-2": ("3d", "1d", 0.5, 2), "14d-1d-50-2": ("14d", "1d", 0.5, 2),
}  # fmt: skip
"""What event-count was chosen among."""
SLOW = timedelta(days=1)
DOC = Path(__file__).parents[1] / "docs" / "alerting.md"
BEGIN, FINISH = "<!-- measured: python -m bench.alerts --write", "<!-- end of what was measured -->"
READY = "READY"


def build(folder: Path, seed: int, days: int) -> None:
    """A demo's year in a store, and beside it the settings and the targets that it is judged by."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(END, days=days, seed=seed)
    _write(world, folder)
    servers = start_servers(world, lambda: END)
    try:
        told = demo_settings(folder, servers.urls, f"sqlite:///{folder}/year.db", days)
        told["sources"] = {name: told["sources"][name] for name in SOURCES}
        (folder / "tierline.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
        _collect(folder)
    finally:
        servers.stop()
    (folder / READY).touch()


def _write(world: World, folder: Path) -> None:
    """The files that its sources read, and what it has promised."""
    for name, secret in {PASSWORD: airflow.PASSWORD, **TOKENS}.items():
        (folder / name).write_text(secret)
    write_inventory(world, folder, END)
    registers.write_lines(folder / "maintenance.jsonl", registers.maintenance(world, END))
    for name in ("catalog", "lineage"):
        write(BOOKS[name], folder / "registers", world, END)
    (folder / "targets").mkdir(exist_ok=True)
    for profile, told in promises(world).items():
        text = yaml.safe_dump({"profile": profile, "targets": told}, sort_keys=False)
        (folder / "targets" / f"{profile}.yaml").write_text(text, encoding="utf-8")


def promises(world: World) -> dict[str, list[dict[str, Any]]]:
    """Profile -> its rows: what the demo adopts, and more; and every daily pipeline of tiers 0 and 1 by itself."""
    since = world.start.date()
    told: dict[str, list[dict[str, Any]]] = {profile: list(rows) for profile, rows in adopted(since).items()}
    for profile, rows in MORE.items():
        own = told.setdefault(profile, [])
        own += [{"row": row, "adopted": since, "adopted_by": TEAM} for row in rows]
    told[DAILY] = [
        {
            "row": row, "kpi": "pipeline_success_rate", "window": "30d", "text": "99 %",
            "adopted": since, "adopted_by": TEAM,
            "clauses": [{"form": "at_least", "floor": 0.99, "asset": name}],
        }
        for row, name in enumerate(_daily(world), 1)
    ]  # fmt: skip
    return told


def _daily(world: World) -> list[str]:
    now = [(one.name, one.at(END)) for one in world.catalog.pipelines]
    return [name for name, told in now if told.tier < 2 and not told.retired and daily(told.schedule or "")]


def _collect(folder: Path) -> None:
    config = load(str(folder / "tierline.yaml"), {})
    with Store(config.store_url) as store:
        store.migrate()
        runner = Runner(store, config.sources(lambda: END), lambda: END)
        for name in runner.sources:
            record = runner.collect(name)
            if record.error:
                raise SystemExit(f"{name}: {record.error}")
        derive(View(store, config.to_platform(), END))  # as a refresh would; the states of all KPIs are not needed


def measure(folder: Path, days: int, others: Sequence[Policy] = ()) -> dict[str, Told]:
    """Group of objectives -> (policies over all of them, each objective), as slo/alerting/replay tells them."""
    config = load(str(folder / "tierline.yaml"), {})
    with Store(config.store_url) as store:
        engine = Engine(store, config.to_platform(), promised.load(config))
        told: dict[str, Told] = engine.tell(both, Query(window=f"{days}d"), END, refresh=False, others=others)
        return told


def both(results: Results, query: Query, *, others: Sequence[Policy]) -> dict[str, Told]:
    """A story: the objectives of the platform, and those of single pipelines, apart."""
    view, policies = results.view, load_policies()
    window = parse_window(query.window, view.as_of, view.platform.timezone)
    span = Span(ticks(window.start), ticks(view.as_of))
    groups: dict[str, list[Objective]] = {WHOLE: [], SINGLE: [], **between(results)}
    for one in objectives(results, view.platform.alerting):
        groups[WHOLE if one.scope.asset is None else SINGLE].append(one)
    return {
        name: tried(trials(view, own, policies.longest, span), [*policies.policies, *others], policies.keep)
        for name, own in groups.items()
    }


def candidates() -> list[Policy]:
    """What batch-wide was chosen among: each lookback by itself, then ``hours`` with each of the slower ones. Then what
    event-count was."""
    pairs = [(name, _lookback(*told)) for name, told in CANDIDATES.items()]
    hours = next(one for name, one in pairs if name == "3h-1h-5-2")
    alone = [_policy(f"only-{name}", one) for name, one in pairs]
    slow = [_policy(f"and-{name}", hours, one) for name, one in pairs if one.long >= SLOW]
    return [*alone, *slow, *(_policy(f"days-{name}", _lookback(*told)) for name, told in DAYS_LONG.items())]


def _lookback(long: str, short: str, share: float | None, bad: int) -> Lookback:
    name = f"over-{long}"
    told = {"long": long, "short": short, "budget_share": share, "min_bad": bad}
    return Lookback.model_validate({"name": name, "severity": "ticket", **told})


def _policy(name: str, *lookbacks: Lookback) -> Policy:
    return Policy(name=name, source="a candidate", lookbacks=lookbacks)


def tables(found: Mapping[int, Mapping[str, Told]], days: int, on: date) -> Iterator[str]:
    """The measurement as Markdown: the policies side by side, then each objective under the one that fits it."""
    seeds = ", ".join(map(str, found))
    yield f"Measured on {on} over {days} days of the demo's platform that end on {END.date()}, seeds {seeds}."
    for group in (WHOLE, *TEAMS, SINGLE):
        for seed, told in found.items():
            together, each = told[group]
            yield f"\n{group}, {len(each)} of them, seed {seed}:\n"
            yield from _markdown("policy", [(one["policy"], one) for one in together])
    seed, told = next(iter(found.items()))
    yield f"\nEach of the platform's under the policy that fits it, seed {seed}:\n"
    yield from _markdown("objective", [(f"{one['slo']} ({one['default']})", _own(one)) for one in told[WHOLE][1]])


def _own(slo: Mapping[str, Any]) -> Mapping[str, Any]:
    own: Mapping[str, Any] = next(one for one in slo["policies"] if one["policy"] == slo["default"])
    return own


def _markdown(first: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    yield f"| {' | '.join((first, *HEADERS))} |"
    yield f"|---{'|--:' * len(HEADERS)}|"
    for name, one in rows:
        yield f"| {' | '.join((name, *cells(one)))} |"


def put(text: str) -> None:
    """Replaces what stands between the marks in docs/alerting.md."""
    whole = DOC.read_text(encoding="utf-8")
    before, after = whole[: whole.index(BEGIN)], whole[whole.index(FINISH) :]
    DOC.write_text(f"{before}{BEGIN}, policies {load_policies().digest} -->\n\n{text}\n\n{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the stores are kept")
    parser.add_argument("--seed", type=int, action="append", help="only these seeds")
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--candidates", action="store_true", help="what was chosen among, too; never written")
    parser.add_argument("--write", action="store_true", help="into docs/alerting.md, too")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for seed in wanted.seed or SEEDS:
            own = (wanted.folder or Path(folder)) / f"seed-{seed}"
            if not (own / READY).exists():
                build(own, seed, wanted.days)
            found[seed] = measure(own, wanted.days, candidates() if wanted.candidates else ())
    text = "\n".join(tables(found, wanted.days, datetime.now(UTC).date()))
    sys.stdout.write(f"{text}\n")
    if wanted.write and not wanted.candidates:
        put(text)


if __name__ == "__main__":
    main()
