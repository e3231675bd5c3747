"""Which policy an objective gets, and when its lookbacks fire: by hand."""

from datetime import timedelta
from fractions import Fraction

import pytest

from slo.alerting.policies import FEW, MUCH, Lookback, load_policies
from slo.budgets.budget import Budget
from slo.config_files import SHIPPED
from slo.errors import ConfigError

POLICIES = load_policies()
WORKBOOK = {one.name: one for one in POLICIES.named("sre-workbook").lookbacks}


def fitting(allowed, events, **more):
    policy, lookbacks, why = POLICIES.fitting(Fraction(allowed), Fraction(events), **more)
    return policy.name, [one.name for one in lookbacks], why


def test_factors_follow_from_share_period_and_length():
    assert {name: one.factor for name, one in WORKBOOK.items()} == {
        "fast": Fraction(144, 10), "steady": 6, "daily": 3, "slow": 1,
    }  # fmt: skip
    quarter = WORKBOOK["fast"].model_copy(update={"period": timedelta(days=90)})
    assert quarter.factor == Fraction(432, 10)


def test_lookbacks_that_cannot_fire_at_a_target_are_left_out():
    def names(allowed):
        return [one.name for one in POLICIES.named("sre-workbook").usable(Fraction(allowed))]

    assert names("0.01") == names("0") == ["fast", "steady", "daily", "slow"]
    assert names("0.07") == ["steady", "daily", "slow"]  # 14.4 x 7 % is more than everything failing
    assert names("0.2") == ["daily", "slow"]
    assert names("0.5") == ["slow"]
    assert [POLICIES.named("rare-count").usable(Fraction(allowed)) == () for allowed in ("0.99", "1")] == [False, True]


def test_burning_is_compared_unrounded_and_in_both_parts():
    nine = Lookback(name="x", long="2d", short="4h", budget_share=0.6, severity="page")
    assert nine.factor == 9
    at = Budget(Fraction(1, 100), Fraction(91), Fraction(9))
    above = Budget(Fraction(1, 100), Fraction(9096), Fraction(904))
    assert (at.burn_rate, above.burn_rate) == (9, Fraction(904, 100))
    assert not nine.fires(at, at)
    assert nine.fires(above, above)
    assert not nine.fires(above, at)
    assert not nine.fires(above, None)
    alone = nine.model_copy(update={"short": None})
    assert (alone.shortest, alone.fires(above, above)) == (timedelta(days=2), True)


def test_events_are_counted_where_there_is_no_rate():
    second = Lookback(name="x", long="7d", short="1d", min_bad=2, severity="ticket")
    none, one, two = (Budget(Fraction(1, 100), Fraction(6), Fraction(bad)) for bad in range(3))
    assert [second.fires(long, short) for long, short in ((one, one), (two, one), (two, none))] == [False, True, False]
    both = second.model_copy(update={"budget_share": 0.5})
    many = Budget(Fraction(1, 100), Fraction(98), Fraction(2))
    assert both.factor == Fraction(15, 7)
    assert not both.fires(many, two)  # two bad, but of a hundred: burning 2 times, not 15/7
    assert both.fires(two, one)


@pytest.mark.parametrize(("bad", "lately", "fires"), [(8, 2, True), (7, 2, False), (8, 1, False), (2, 1, False)])
def test_without_a_share_more_must_be_bad_than_the_even_pace_allows(bad, lately, fires):
    """Twenty daily pipelines at 95 %: seven of a week's 140 runs may fail, one of a day's 20. Two in a week are no
    pattern there, and a third of the budget is none to speak of."""
    even = Lookback(name="x", long="7d", short="1d", min_bad=2, severity="ticket")
    assert even.factor == 1
    long, short = (Budget(Fraction(5, 100), Fraction(runs - n), Fraction(n)) for runs, n in ((140, bad), (20, lately)))
    assert even.fires(long, short) is fires


def test_where_nothing_may_fail_one_bad_event_fires():
    kept, broken = (Budget(Fraction(0), Fraction(50 - bad), Fraction(bad)) for bad in range(2))
    (any_,) = POLICIES.named("zero-failure").lookbacks
    assert any_.fires(broken, broken)
    assert not any_.fires(kept, kept)
    assert all(one.fires(broken, broken) and not one.fires(kept, kept) for one in WORKBOOK.values())


def test_the_volume_decides():
    """A daily run at 99 % may fail 0.3 times in thirty days: failures are counted. Batch-wide waits for three failures
    in three hours: there must be a run an hour, 720 in thirty days."""
    assert fitting("0.01", 30) == ("event-count", ["second"], FEW)
    assert fitting("0.01", 720) == ("batch-wide", ["burst", "hours", "days"], "enough is counted for a rate")
    assert fitting("0.01", 648)[0] == "batch-wide"  # an hourly load that was left out in a tenth of its hours
    assert fitting("0.01", 647)[0] == "event-count"
    assert fitting("0", 720) == ("zero-failure", ["any"], "none may be bad")
    assert fitting("0", 4)[0] == "zero-failure"
    assert fitting("1", 1000) == ("rare-count", [], "no lookback can fire at it")


def test_what_comes_weekly_is_looked_back_on_for_a_month():
    """Event-count waits for two in eight days: one in four days, 7.5 in thirty, or nine tenths of it. A load of every
    fourth day (7 or 8) has its two, one of every fifth (6) and a weekly one (4 or 5) look back on the whole period."""
    chosen = [fitting("0.05", events)[0] for events in (8, 7, 6, 5, 4, 0)]
    assert chosen == ["event-count", "event-count", *["rare-count"] * 4]
    assert fitting("0.05", 4) == ("rare-count", ["again"], FEW)


def test_where_much_may_fail_days_are_looked_back_on():
    """Batch-wide asks for 12 times the even pace over hours: more than everything from 1/12 = 8.3 % on. With its two
    days alone, 7.5 times, a promise of 87 % would wait for 97.5 % to fail. Half of the budget in eight days is 1.875
    times the even pace: up to 1/1.875 = 53.3 %. Beyond, the even pace over the period decides."""
    assert fitting("0.083", 2160)[:2] == ("batch-wide", ["burst", "hours", "days"])
    assert fitting("0.084", 2160) == ("event-count", ["second"], MUCH)
    assert fitting("0.13", 2160)[0] == fitting("0.15", 2160)[0] == fitting("0.53", 2160)[0] == "event-count"
    assert fitting("0.54", 2160) == ("rare-count", ["again"], MUCH)
    assert fitting("0.15", 2160 * 3600, seconds=True) == ("event-count", ["second"], MUCH)


@pytest.mark.parametrize(("allowed", "events", "takes"), [("0.01", 30, 2), ("0.05", 30, 2), ("0.05", 600, 16),
                                                         ("0.01", 600, 4), ("0.2", 30, 4)])  # fmt: skip
def test_event_count_waits_for_the_second_or_for_half_of_the_budget(allowed, events, takes):
    """Of 30 runs 0.3 or 1.5 may fail: the second is told. Twenty a day at 95 %: of 30 the 16th; at 99 %: of 6 the
    fourth; one a day at 80 %: of 6 the fourth."""
    (second,) = POLICIES.named("event-count").lookbacks
    assert second.takes(Fraction(allowed) * events) == takes


def test_a_policy_that_one_failure_fires_fits_only_where_more_may_fail():
    """The workbook's fast window fires at 2 % of a budget: of fifty that may fail the second is more, of 49 the first
    is. Its short part of five minutes needs a thing to count every five minutes, or hardly less often: nine tenths
    of 8,640 in thirty days."""
    ours = POLICIES.model_copy(update={"choose": ("sre-workbook", "event-count")})
    chosen = [ours.fitting(Fraction(50, events), Fraction(events)).policy.name for events in (7_776, 7_775)]
    assert chosen == ["sre-workbook", "event-count"]
    assert ours.fitting(Fraction(49, 10_000), Fraction(10_000)).policy.name == "event-count"
    takes = [[one.takes(Fraction(allowed)) for one in WORKBOOK.values()] for allowed in (49, 50)]
    assert takes == [[1, 3, 5, 5], [2, 3, 6, 6]]


def test_time_is_counted_all_the_time():
    assert fitting("0.01", 5, seconds=True) == (
        "batch-wide",
        ["burst", "hours", "days"],
        "time is counted, all the time",
    )
    assert fitting("0", 5, seconds=True)[0] == "zero-failure"


def test_readings_that_come_more_rarely_than_hours_can_tell_are_looked_back_on_for_days():
    hours = {hours: timedelta(hours=hours) for hours in (1, 2, 24)}
    assert [fitting("0.001", 10**6, every=every)[0] for every in hours.values()] == [
        "batch-wide", "event-count", "event-count",
    ]  # fmt: skip


HEAD = "period: 30d\nchoose: [x]\npolicies:\n"
LOOKBACK = "{name: a, long: 1d, short: 2h, min_bad: 2, severity: ticket}"
POLICY = f"  - name: x\n    source: ours\n    lookbacks:\n      - {LOOKBACK}\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("short: 2h", "short: 2d", ":7: policies[0].lookbacks[0]: expected short < long <= period"),
        ("long: 1d", "long: soon", ":7: policies[0].lookbacks[0].long: 'soon': expected a length such as 5m"),
        ("long: 1d", "long: 1M", "policies[0].lookbacks[0].long: '1M': expected a length such as 5m"),
        ("min_bad: 2", "budget_share: 2", "policies[0].lookbacks[0].budget_share: 2: Input should be less than"),
        (", min_bad: 2", "", "policies[0].lookbacks[0]: says nothing to fire at; give it a budget_share (0.1)"),
        ("min_bad: 2", "min_bad: 1", "choose: 'x' is last, but does not fit any volume; end with one of min_bad: 2"),
        ("[x]", "[y]", "choose: 'y' is no policy; there are: x"),
        (LOOKBACK, f"{LOOKBACK}\n      - {LOOKBACK}", ":4: policies[0]: lookback 'a' stands twice"),
        ("    source: ours\n", "", ":4: policies[0].source: Field required"),
        ("period: 30d\n", "", "period: Field required"),
        ("severity: ticket", "severity: ticket, burn: 3", "burn: 3: no such setting here; remove it"),
    ],
)
def test_faults_in_the_file(tmp_path, old, new, fault):
    path = tmp_path / "burn.yaml"
    assert old in HEAD + POLICY
    path.write_text((HEAD + POLICY).replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_policies(path)
    assert fault in str(error.value)
    assert str(error.value).startswith(str(path))


def test_a_policy_that_is_not_there():
    with pytest.raises(ConfigError, match="'nonsense' is unknown; there are: zero-failure, sre-workbook, batch-wide"):
        POLICIES.named("nonsense")


def test_the_reason_stands_beside_every_number_of_the_shipped_file():
    lines = (SHIPPED / "burn_windows.yaml").read_text(encoding="utf-8").splitlines()
    names = ("period", "long", "short", "budget_share", "min_bad")
    numbers = [line for line in lines if line.strip().split(":")[0] in names]
    told = sum(len(one.model_fields_set & set(names[1:])) for own in POLICIES.policies for one in own.lookbacks)
    assert len(numbers) == 1 + told
    assert all("#" in line for line in numbers)
