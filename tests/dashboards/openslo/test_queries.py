"""PromQL put so that it speaks of one step."""

import pytest

from dashboards.openslo import queries


@pytest.mark.parametrize(
    ("text", "told", "step"),
    [
        ("http_requests_total", "sum(increase(http_requests_total[$step]))", None),
        ('sum(http_requests{code=~"2xx|4xx"})', 'sum(increase(http_requests{code=~"2xx|4xx"}[$step]))', None),
        ('sum by (job) (http_requests{path="/a}"})', 'sum(increase(http_requests{path="/a}"}[$step]))', None),
        ("sum(rate(a[{{.window}}]))", "sum(sum(increase(a[$step])))", None),
        ("sum(irate(a[5m]))", "sum(sum(increase(a[$step])))", "5m"),
        ("sum(increase(a[$__rate_interval]))", "sum(sum(increase(a[$step])))", None),
        ("increase(a[10m:1m])", "sum(increase(a[$step:1m]))", "10m"),
        ("sum(a) - sum(b)", "sum(increase((sum(a) - sum(b))[$step:]))", None),
    ],
)
def test_a_counter(text: str, told: str, step: str | None) -> None:
    found = queries.events(text, counter=True, by_series=True)
    assert found is not None
    assert (found.text, found.step) == (told, step)


def test_a_gauge_counts_at_every_moment_good_and_total_alike() -> None:
    for text in ("a", "a + b"):
        found = queries.events(text, counter=False, by_series=True)
        assert found is not None
        assert found.text == f"sum(sum_over_time(({text})[$step:]))"
        assert found.changed


def test_where_one_of_both_is_no_sum_of_series_neither_is_read_so() -> None:
    assert [queries.simple(text) for text in ("a", "sum(a)", "rate(a[5m])", "a - b", "sum(a) or vector(0)")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    found = queries.events("a", counter=True, by_series=False)
    assert found is not None
    assert found.text == "sum(increase((a)[$step:]))"


def test_several_ranges_are_none() -> None:
    assert queries.events("increase(a[5m]) + increase(a[1h])", counter=True, by_series=True) is None
    assert queries.events("increase(a[5m]) + increase(a[{{.window}}])", counter=True, by_series=True) is None
