"""What every source must hold, run by pytest over its cases. A source anywhere takes it like this:

>>> class TestContract(SourceContract):
...     folder = Path(__file__).parent / "golden"
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from collectors.base import Source
from collectors.contract.case import Case, cases
from collectors.contract.faults import FAULTS, Fault, disturbing, echoing, positions
from collectors.contract.standin import Standin, undisturbed
from collectors.contract.unknown import places, unknown_field, unknown_word
from collectors.contract.world import Facts, World, difference, listening
from collectors.patience import hurried
from collectors.plan import Bookmark, Step, steps
from collectors.runner import RunRecord
from slo import interchange

CANARY = "canary-"
"""Every secret of a case begins so."""
QUIET = 0.4
"""Seconds without a byte that are a timeout where silence is the fault."""
_ALWAYS = frozenset(("fact", "id", "url", "revised_at", "deleted", "environment", "asset", "valid_from", "first_seen"))
"""Fields that any source may tell, or that the runner adds."""
_REGISTERS = ("asset", "edge")


class SourceContract:
    """The contract and the faults, over every case in ``folder``. Subclass it in a test file."""

    folder: ClassVar[Path]

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """One test a case, and a fault."""
        if "case" not in metafunc.fixturenames:
            return
        found = cases(self.folder)
        if "fault" in metafunc.fixturenames:
            pairs = [(case, fault) for case in found if case.over_http for fault in FAULTS]
            metafunc.parametrize("case,fault", pairs, ids=[f"{case.name}-{fault.name}" for case, fault in pairs])
        else:
            metafunc.parametrize("case", found, ids=[case.name for case in found])

    def test_the_answers_make_the_declared_facts(self, case: Case, tmp_path: Path) -> None:
        with World(case, tmp_path) as world:
            record = world.collect()
            assert record.ok, record.error
            assert not world.standin.unmatched, f"no answer fits {[str(one) for one in world.standin.unmatched]}"
            assert world.standin.asked or not case.over_http, "nothing was asked"
            expected = declared(case)
            assert expected, f"{case.path}: declares no fact"
            assert not (wrong := difference(expected, world.facts())), wrong

    def test_every_fact_told_is_declared(self, case: Case, tmp_path: Path) -> None:
        with World(case, tmp_path) as world:
            source = world.source()
            world.collect(source)
            untold = sorted(set(undeclared(source, world.facts())))
            assert untold == [], f"told, and not in tells: {untold}"

    def test_twice_is_once(self, case: Case, tmp_path: Path) -> None:
        with World(case, tmp_path) as world:
            world.collect()
            once = world.facts()
            record = world.collect()
            assert record.ok, record.error
            assert not (wrong := difference(once, world.facts())), wrong

    def test_history_in_any_order_and_any_pieces(self, case: Case, tmp_path: Path) -> None:
        expected = facts_of(case)
        with World(case, tmp_path) as world:
            record = world.collect(plan=forwards)
            assert record.ok, record.error
            assert not (wrong := difference(expected, world.facts())), wrong
        with World(case, tmp_path) as world:
            source = world.source()
            source.__dict__["chunk"] = source.chunk / 3
            assert world.collect(source).ok
            assert not (wrong := difference(expected, world.facts())), wrong

    def test_instances_do_not_collide(self, case: Case, tmp_path: Path) -> None:
        first, second = case.told.source, "zz-second"
        with World(case, tmp_path) as world:
            world.collect()
            alone = world.facts(first)
            assert world.collect(world.source(second)).ok
            assert not (wrong := difference(alone, world.facts(first))), wrong
            other = world.facts(second)
            assert kinds(other) == kinds(alone), f"{kinds(other)} of the second instance, {kinds(alone)} of the first"
            shared = [one for one in other.values() if str(one.get("asset")).startswith(f"{first}/")]
            assert "namespace" in case.told.settings or not shared, f"named after the plugin: {shared[:3]}"

    def test_no_secret_leaves(self, case: Case, tmp_path: Path) -> None:
        for disturb in (undisturbed, echoing(401), echoing(403), echoing(400), echoing(500)):
            with World(case, tmp_path, disturb) as world:
                source = world.source()
                record = world.collect(source)
                said = "\n".join([world.everything(), str(record), repr(source.settings), *map(str, findings(world))])
                for secret in secrets(world):
                    assert secret not in said, f"{secret[:12]}... is in {around(said, secret)}"

    def test_unknown_fields_change_nothing(self, case: Case, tmp_path: Path) -> None:
        expected = facts_of(case)
        with World(case, tmp_path, unknown_field(case.told.open_objects)) as world:
            record = world.collect()
            assert record.ok, record.error
            assert not (wrong := difference(expected, world.facts())), wrong

    def test_an_unknown_word_touches_its_record_only(self, case: Case, tmp_path: Path) -> None:
        expected, standin = exchange_of(case)
        for place in places(standin.asked, standin.replies):
            with World(case, tmp_path, unknown_word(place)) as world:
                record = world.collect()
                assert record.ok, f"{place.key} {place.record[place.key]!r}: {record.error}"
                found = world.facts()
            touched = [one for key, one in expected.items() if found.get(key) != one]
            others = [one for one in touched if not any(name in str(one) for name in place.names())]
            assert others == [], f"{place.key} of {place.record} is unknown, and so changed: {others}"

    def test_check_says_what_works_and_what_does_not(self, case: Case, tmp_path: Path) -> None:
        if case.told.records:
            return
        with World(case, tmp_path) as world:
            found = findings(world)
            wrong = [str(one) for one in found if not one.ok]
            assert found, "check() says nothing"
            assert wrong == [] or case.told.check_finds, f"check() finds {wrong}"
            assert case.told.check_finds in "; ".join(wrong), f"check() finds {wrong or 'nothing'}"
            assert not world.standin.unmatched, f"no answer fits {[str(one) for one in world.standin.unmatched]}"
        if case.over_http:
            with World(case, tmp_path, echoing(401)) as world:
                assert [one for one in findings(world) if not one.ok], "a refused credential goes unnoticed"

    def test_a_clock_behind_the_servers_loses_nothing(self, case: Case, tmp_path: Path) -> None:
        expected = {key: one for key, one in facts_of(case).items() if key[0] not in _REGISTERS}
        with World(case, tmp_path) as world:
            assert world.collect(world.source(now=case.now - timedelta(minutes=5))).ok
            assert world.collect().ok
            found = {key: one for key, one in world.facts().items() if key in expected}
            assert not (wrong := difference(expected, found)), wrong

    def test_a_fault_is_met_or_said(self, case: Case, fault: Fault, tmp_path: Path) -> None:
        if fault.name in case.told.skip_faults:
            return
        expected, standin = exchange_of(case)
        for at in positions(fault, case, standin.asked, standin.replies):
            disturb = disturbing(fault, case, standin.asked[at - 1])
            place = f"{fault.name} at {standin.asked[at - 1]}"
            with World(case, tmp_path, disturb, QUIET if fault.silent else 5.0) as world:
                record = world.collect()
                said = outcome(world, record, expected)
                assert said is None, f"{place}: {said}"
                world.standin.disturb = undisturbed
                again = world.collect()
                assert again.ok, f"{place}, then undisturbed: {again.error}"
                wrong = difference(expected, world.facts())
                assert not wrong, f"{place}, then undisturbed: {wrong}"


def outcome(world: World, record: RunRecord, expected: Facts) -> str | None:
    """What is wrong with a disturbed pass: it must store everything, or say what it could not see and stay there. What
    it set aside with the place's name it may lack; the next pass must bring it."""
    if record.ok:
        return difference(expected, world.facts() | _lacking(world, expected)) or None
    error, named = record.error or "", urlsplit(world.standin.url).netloc
    if "fault of the collector" in error:
        return f"the collector broke down: {error}"
    if not any(word in error for word in (named, record.source, *(one.path for one in world.standin.asked))):
        return f"the error names no place: {error}"
    mark, failed = world.bookmark(), world.read[-1]
    kept = mark.watermark is None if len(world.read) == 1 else (mark.reached or failed.start) >= failed.end
    return None if kept else f"the bookmark moved past what was not read: {mark}"


def _lacking(world: World, expected: Facts) -> Facts:
    """What a pass need not have stored, since it said of a place that it could not see it."""
    named = any(urlsplit(world.standin.url).netloc in one["error"] for one in world.store.set_asides())
    return {key: fact for key, fact in expected.items() if key not in world.facts()} if named else {}


def declared(case: Case) -> Facts:
    """The facts a case says must come out."""
    facts = [interchange.parse({**line, "source": case.told.source}) for line in case.lines(case.told.facts)]
    records = [{k: v for k, v in interchange.to_record(fact).items() if k != "source"} for fact in facts]
    return {(one["fact"], one["id"]): one for one in records}


def facts_of(case: Case) -> Facts:
    """The facts of an undisturbed pass."""
    return exchange_of(case)[0]


def exchange_of(case: Case) -> tuple[Facts, Standin]:
    """The facts of an undisturbed pass, and the stand-in with what was said; run once a case."""
    if case.path not in _exchanges:
        with tempfile.TemporaryDirectory() as folder, World(case, Path(folder)) as world:
            record = world.collect()
            assert record.ok, record.error
            _exchanges[case.path] = world.facts(), world.standin
    return _exchanges[case.path]


_exchanges: dict[Path, tuple[Facts, Standin]] = {}


def undeclared(source: Source, facts: Facts) -> Iterator[str]:
    """Kinds and fields that were told and are not in ``tells``."""
    for (kind, _), fact in facts.items():
        allowed = _ALWAYS | set(source.tells.get(kind, ()))
        words = {str(fact.get(name)) for name in ("kind", "meter", "metric")}
        if kind not in source.tells:
            yield f"{kind} is told and not in tells"
            return
        yield from (
            f"{kind}.{name}" for name in fact if name not in allowed and not _measure(kind, name, words, allowed)
        )


def _measure(kind: str, name: str, words: set[str], allowed: set[str] | frozenset[str]) -> bool:
    """Of meters and changes ``tells`` names which of them (bytes, deployment), which stands for their plain fields."""
    return kind in ("meter", "change", "distribution", "entry") and bool(words & allowed)


def kinds(facts: Facts) -> dict[str, int]:
    """How many facts of each kind."""
    names = [kind for kind, _ in facts]
    return {name: names.count(name) for name in sorted(set(names))}


def forwards(source: Source, mark: Bookmark, at: datetime, since: datetime | None, full: bool) -> list[Step]:
    """The plan of a pass with its history from the oldest on."""
    newest, *history = steps(source, mark, at, since, full)
    assert all(late.period.start == early.period.end for late, early in pairwise(history))
    return [newest, *reversed(history)]


def secrets(world: World) -> set[str]:
    """The canaries of the settings, and every credential that was really sent, as it was sent."""
    text = str(world.settings())
    found = set(re.findall(rf"{CANARY}[\w.-]+", text))
    sent = {one.headers.get("Authorization", "").rpartition(" ")[2] for one in world.standin.asked}
    return {one for one in found | sent if len(one) >= len(CANARY)} | {
        base64.b64encode(s.encode()).decode() for s in found
    }


def around(text: str, word: str) -> str:
    """Where a word stands."""
    at = text.index(word)
    return text[max(0, at - 80) : at] + "<HERE>" + text[at + len(word) : at + len(word) + 20]


def findings(world: World) -> list[Any]:
    """What ``tierline check --connect`` would say; nothing waits."""
    with hurried(world.waits.append, world.timeout), listening(world.logged):
        return world.source().check()
