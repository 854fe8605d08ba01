"""The benchmarks' own arithmetic: what they print must be what was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import percentile, share_at_most, summary
from bench.result import Goal, Result
from bench.rounds import alternate
from bench.search import RESOLUTION, highest_rate
from bench.table import table

SAMPLES = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)


def result(ours: list[float], peer: list[float], goal: Goal, unit: str = "ms") -> Result:
    return Result("P0", "something", "a peer", unit, ours, peer, goal, n=10)


@given(SAMPLES, st.floats(0, 1))
def test_a_percentile_is_a_sample_that_enough_samples_do_not_exceed(
    samples: list[float], share: float
) -> None:
    found = percentile(samples, share)
    assert found in samples
    assert sum(sample <= found for sample in samples) >= share * len(samples) - 1e-6


def test_the_99th_percentile_of_a_hundred_is_the_second_largest() -> None:
    assert percentile(range(1, 101), 0.99) == 99


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_of_one_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="not between"):
        percentile([1.0], share)


def test_no_samples_have_no_figures() -> None:
    for figure in (lambda: percentile([], 0.5), lambda: share_at_most([], 1)):
        with pytest.raises(ValueError, match="no samples"):
            figure()


def test_share_at_most_counts_the_bound_itself() -> None:
    assert share_at_most([10, 50, 51, 60], 50) == 0.5


def test_summary_rounds() -> None:
    assert summary([1.23456, 2.0]) == {"p50": 1.235, "p99": 2.0, "max": 2.0}


def test_ratio_is_of_the_medians() -> None:
    assert result([2, 4, 100], [1, 2, 0.5], Goal()).ratio == 4


def test_a_peer_of_zero_has_no_ratio_and_misses_a_bound_on_it() -> None:
    found = result([1], [0], Goal(ratio_at_least=0.1))
    assert found.ratio is None
    assert not found.met
    assert found.as_json()["ratio"] is None


@pytest.mark.parametrize(
    ("ours", "met"), [(5.0, True), (5.1, False), (4.0, True), (3.2, True), (6.0, False)]
)
def test_both_bounds_must_hold(ours: float, met: bool) -> None:
    assert result([ours], [1.7], Goal(ours_at_most=5, ratio_at_most=3)).met is met


def test_goal_in_words() -> None:
    assert Goal(ours_at_most=5, ratio_at_most=3).text("ms") == "≤ 5 ms, ≤ 3 ×"
    assert Goal(ratio_at_least=0.8).text("calls/s") == "≥ 0.8 ×"
    assert Goal().text("ms") == "none"


def test_json_has_the_fields_of_the_contract() -> None:
    entry = result([1, 2, 3], [1, 1, 1], Goal(ratio_at_most=3)).as_json()
    assert {"what", "unit", "ours", "peer", "ratio", "goal", "n"} <= entry.keys()
    assert (entry["ours"], entry["peer"], entry["ratio"], entry["met"]) == (2, 1, 2, True)
    assert entry["rounds"] == {"ours": [1, 2, 3], "peer": [1, 1, 1]}


def test_table_shows_every_result_and_what_its_peer_is() -> None:
    text = table([result([1234.5], [1000], Goal(ratio_at_least=2), "calls/s")])
    assert "1,234" in text
    assert "1.23 ×" in text
    assert "NO" in text
    assert "P0 peer: a peer" in text


def test_sides_run_in_turn() -> None:
    order: list[str] = []
    said: list[str] = []
    found = alternate(
        lambda: order.append("A") or len(order),
        lambda: order.append("B") or len(order),
        rounds=2,
        say=said.append,
    )
    assert order == ["A", "B", "A", "B"]
    assert found == ([1, 3], [2, 4])
    assert len(said) == 4


@given(capacity=st.floats(1, 500), first=st.floats(1, 100))
def test_the_search_finds_the_capacity(capacity: float, first: float) -> None:
    tried: list[float] = []

    def holds(rate: float) -> bool:
        tried.append(rate)
        return rate <= capacity

    found = highest_rate(holds, first=first)
    assert found <= capacity <= found * RESOLUTION * 1.001
    assert len(tried) < 30


def test_the_search_gives_up_where_nothing_holds() -> None:
    assert highest_rate(lambda _rate: False, first=8, least=1) == 0
