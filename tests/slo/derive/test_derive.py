"""What is inferred: told as facts, only when asked for, under what anybody else says."""

from datetime import UTC, datetime, timedelta

from slo.derive import Derivation, derive, shelf
from slo.facts import INFERRED, Asset, Correction, Incident, Run
from slo.platform import Platform, SourceInfo
from slo.view import View

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLATFORM = Platform(sources=(SourceInfo("pager", {"incident": ()}), SourceInfo(INFERRED, {})))


class Starts(Derivation):
    """Every incident began an hour before it was detected."""

    name, reads, tells = "starts", ("incident",), ("correction",)

    def __init__(self):
        self.asked = 0

    def facts(self, view, standing):
        self.asked += 1
        for incident in view.read("incident"):
            told = (incident.detected_at - timedelta(hours=1)).isoformat()
            yield {"fact": "correction", "id": incident.id, "target_fact": "incident", "target_source": "pager",
                   "target_id": incident.id, "set": {"started_at": told}, "reason": "derived: for a test"}  # fmt: skip


def incident(key="P1", **told):
    return Incident(source="pager", id=key, detected_at=NOON, **told)


def worked(store, one, platform=PLATFORM):
    return derive(View(store, platform, NOON + timedelta(days=1)), (one,))


def heard(store):
    """As a refresh does: the changes have been dealt with."""
    with store.write() as tx:
        changes = tx.changes(1000)
        if changes:
            tx.drop_changes(changes[-1].seq)


def test_an_inference_is_laid_over_the_fact(store):
    store.upsert([incident()])
    assert worked(store, Starts()) == 1
    assert store.read("incident")[0].started_at == NOON - timedelta(hours=1)
    assert store.read("correction")[0].source == INFERRED


def test_nothing_is_inferred_for_imports_alone(store):
    store.upsert([incident()])
    assert worked(store, Starts(), Platform()) == 0
    assert store.read("incident")[0].started_at is None


def test_it_is_asked_again_only_when_a_kind_it_reads_has_changed(store):
    one = Starts()
    store.upsert([incident()])
    worked(store, one)
    heard(store)
    store.upsert([Run(source="airflow", id="r", asset="a", state="success", started_at=NOON)])
    assert worked(store, one) == 0
    assert one.asked == 1
    store.upsert([incident("P2")])
    assert worked(store, one) == 1
    assert one.asked == 2


def test_what_is_no_longer_inferred_is_withdrawn(store):
    store.upsert([incident(), incident("P2")])
    worked(store, Starts())
    store.upsert([Incident(source="pager", id="P1", deleted=True)])
    assert worked(store, Starts()) == 1
    assert [fact.target_id for fact in store.read("correction")] == ["P2"]


def test_a_new_version_asks_again(store):
    one = Starts()
    worked(store, one)
    assert (worked(store, one), one.asked) == (0, 1)
    one.version = 2
    assert (worked(store, one), one.asked) == (0, 2)


def test_anybody_overrules_an_inference(store):
    """Though the person's correction has no time, and an id that sorts below."""
    store.upsert([incident()])
    began = NOON - timedelta(minutes=5)
    store.upsert([Correction(source="decisions", id="a", target_fact="incident", target_id="P1",
                             set={"started_at": began.isoformat()})])  # fmt: skip
    worked(store, Starts())
    assert store.read("incident")[0].started_at == began


class Tiers(Derivation):
    name, reads, tells = "tiers", ("asset",), ("asset",)

    def facts(self, view, standing):
        if view.history("pager/x").get("team", view.as_of) == "finance":
            yield {"fact": "asset", "id": "x", "asset": "pager/x", "tier": 1}


def test_an_inferred_attribute_goes_as_if_never_told(store):
    store.upsert([Asset(source="pager", id="x", asset="pager/x", valid_from=NOON, team="finance")])
    worked(store, Tiers())
    later = View(store, PLATFORM, NOON + timedelta(days=2))
    assert later.history("pager/x").get("tier", NOON + timedelta(hours=1)) == 1
    store.upsert([Asset(source="pager", id="x", asset="pager/x", valid_from=NOON, team="sales")])
    worked(store, Tiers())
    assert View(store, PLATFORM, NOON + timedelta(days=2)).history("pager/x").get("tier", NOON) is None


def test_what_rests_on_another_comes_after_it():
    names = [one.name for one in shelf()]
    assert all(names.index(before) < names.index(one.name) for one in shelf() for before in one.after)
    assert names.index("inherit") < names.index("incidents") < names.index("blame")
