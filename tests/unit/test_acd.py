"""Who is served next, and by whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordboard.acd import (
    ASSUMED_HANDLE_S,
    Candidate,
    Service,
    WaitingCall,
    choose_agent,
    estimated_wait_s,
    queue_score,
)

NOW = 1_800_000_000_000
times = st.integers(min_value=0, max_value=2**42)
priorities = st.integers(min_value=0, max_value=9)


def call(
    needs: dict[str, int] | None = None, relax_after_s: int = 0, waited_s: int = 0
) -> WaitingCall:
    return WaitingCall("c", "sales", 0.0, NOW - waited_s * 1000, needs or {}, relax_after_s)


def agent(number: int, level: int = 1, idle_s: int = 0, **skills: int) -> Candidate:
    return Candidate(number, {"sales": level}, skills, NOW - idle_s * 1000)


@given(times, times, priorities)
def test_of_one_priority_whoever_came_first_is_served_first(a: int, b: int, priority: int) -> None:
    assert (queue_score(priority, a) < queue_score(priority, b)) == (a < b)


@given(times, times, priorities, priorities)
def test_a_higher_priority_comes_before_any_earlier_arrival(a: int, b: int, p: int, q: int) -> None:
    if p > q:
        assert queue_score(p, a) < queue_score(q, b)


def test_a_priority_outside_the_range_counts_as_the_nearest() -> None:
    assert queue_score(99, NOW) == queue_score(9, NOW)
    assert queue_score(-1, NOW) == queue_score(0, NOW)


def test_the_longest_idle_agent_is_chosen() -> None:
    chosen = choose_agent(call(), [agent(1, idle_s=5), agent(2, idle_s=50), agent(3)], NOW)
    assert chosen is not None
    assert chosen.id == 2


def test_the_first_line_is_asked_before_the_overflow() -> None:
    chosen = choose_agent(call(), [agent(1, level=2, idle_s=500), agent(2, level=1)], NOW)
    assert chosen is not None
    assert chosen.id == 2


def test_nobody_of_another_group_is_chosen() -> None:
    other = Candidate(1, {"service": 1}, {}, 0)
    assert choose_agent(call(), [other], NOW) is None


def test_all_needed_skills_must_be_there_at_their_level() -> None:
    wanted = call({"es": 2, "fiber": 9})
    assert choose_agent(wanted, [agent(1, es=1)], NOW) is None
    assert choose_agent(wanted, [agent(1, es=3, fiber=1)], NOW) is None
    assert choose_agent(wanted, [agent(1, es=2, fiber=9)], NOW) == agent(1, es=2, fiber=9)


def test_skills_no_longer_count_after_a_while() -> None:
    assert choose_agent(call({"es": 9}, 30, waited_s=29), [agent(1)], NOW) is None
    assert choose_agent(call({"es": 9}, 30, waited_s=30), [agent(1)], NOW) == agent(1)
    assert choose_agent(call({"es": 9}, 0, waited_s=9999), [agent(1)], NOW) is None


def test_the_expected_wait_is_that_of_the_queue_length_predictor() -> None:
    assert estimated_wait_s(position=1, agents=1, handle_s=240) == 240
    assert estimated_wait_s(position=3, agents=6, handle_s=240) == 120
    assert estimated_wait_s(position=1, agents=0, handle_s=240) is None


def test_the_first_measured_call_replaces_the_assumption_and_later_ones_move_it() -> None:
    service = Service()
    assert service.handle_s == ASSUMED_HANDLE_S
    service.measure(100)
    assert service.handle_s == 100
    service.measure(200)
    assert service.handle_s == 110
    assert service.handled == 2


def test_an_assumption_from_earlier_days_gives_way_to_what_is_measured() -> None:
    service = Service()
    service.assume(90)
    assert service.handle_s == 90
    service.measure(200)
    service.assume(90)
    assert service.handle_s == 200


def test_a_wanted_agent_is_waited_for_and_preferred() -> None:
    wanted = WaitingCall("c", "g", 1.0, 0, wanted=2, wanted_until_ms=1000)
    one, two = Candidate(1, {"g": 1}, {}, 5), Candidate(2, {"g": 2}, {}, 9)
    assert choose_agent(wanted, [one], 999) is None
    assert choose_agent(wanted, [one, two], 999) == two
    assert choose_agent(wanted, [one], 1000) == one, "after a while any other will do"
    assert choose_agent(wanted, [one, two], 1000) == two
