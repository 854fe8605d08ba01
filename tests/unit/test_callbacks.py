"""Whom there is room to call back, and what an attempt's signs mean."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.agent_state import State
from cordboard.callbacks import AHEAD_MS, AgentNow, Demand, Fate, Room, Signs, fate_of, room_for

NOW = 1_900_000_000_000


def agent(number: int, *groups: str, **changed: object) -> AgentNow:
    values = {"state": State.AVAILABLE, "chosen": State.AVAILABLE, "registered": True} | changed
    return AgentNow(number, frozenset(groups or ("sales",)), **values)  # type: ignore[arg-type]


def wrapping_up(number: int, left_ms: int, chosen: State = State.AVAILABLE) -> AgentNow:
    return agent(number, state=State.WRAP_UP, chosen=chosen, wrap_until_ms=NOW + left_ms)


def room(demands: list[Demand], agents: list[AgentNow]) -> dict[str, int]:
    return dict(room_for(demands, agents, NOW).by_group)


def test_as_many_as_are_free() -> None:
    assert room([Demand("sales", 5)], [agent(1), agent(2)]) == {"sales": 2}
    assert room([Demand("sales", 1)], [agent(1), agent(2)]) == {"sales": 1}
    assert room([Demand("sales", 5)], []) == {}


@pytest.mark.parametrize(
    "busy",
    [
        agent(1, state=State.ON_CALL),
        agent(1, state=State.RESERVED),
        agent(1, state=State.PAUSED),
        agent(1, registered=False),
        agent(1, "service"),
        wrapping_up(1, AHEAD_MS + 1),
        wrapping_up(1, 100, chosen=State.PAUSED),
    ],
)
def test_who_will_not_be_there(busy: AgentNow) -> None:
    assert room([Demand("sales", 1)], [busy]) == {}


def test_a_wrap_up_that_is_nearly_over_counts() -> None:
    assert room([Demand("sales", 1)], [wrapping_up(1, AHEAD_MS)]) == {"sales": 1}
    # Its end is past already, and the news of it is on the way.
    assert room([Demand("sales", 1)], [wrapping_up(1, -50)]) == {"sales": 1}


def test_when_to_look_again() -> None:
    agents = [wrapping_up(1, 60_000), wrapping_up(2, 20_000), agent(3, state=State.ON_CALL)]
    found = room_for([Demand("sales", 1)], agents, NOW)
    assert found == Room({}, NOW + 20_000 - AHEAD_MS)


def test_who_is_ahead_comes_first() -> None:
    agents = [agent(1), agent(2), agent(3)]
    assert room([Demand("sales", 5, ahead=2)], agents) == {"sales": 1}
    assert room([Demand("sales", 5, ahead=3)], agents) == {}


def test_whoever_is_next_is_called_before_those_who_wait_on_the_line() -> None:
    busy = [agent(1, state=State.ON_CALL)]
    assert room([Demand("sales", 3, behind=True)], busy) == {"sales": 1}
    assert room([Demand("sales", 3, behind=False)], busy) == {}
    assert room([Demand("sales", 3, ahead=1, behind=True)], busy) == {}
    # Nobody works: nobody will be there.
    assert room([Demand("sales", 3, behind=True)], [agent(1, state=State.PAUSED)]) == {}


def test_an_agent_of_two_groups_counts_once() -> None:
    demands = [Demand("sales", 1), Demand("service", 1)]
    assert room(demands, [agent(1, "sales", "service")]) == {"sales": 1}
    # Who serves one group only is taken first.
    both = [agent(1, "sales", "service"), agent(2, "sales")]
    assert room(demands, both) == {"sales": 1, "service": 1}


@given(
    st.lists(st.builds(Demand, st.sampled_from("abc"), st.integers(1, 9), st.integers(0, 9)),
             max_size=3, unique_by=lambda demand: demand.group),
    st.lists(st.sets(st.sampled_from("abc"), min_size=1), max_size=8),
)  # fmt: skip
def test_never_more_than_agents_or_demand(demands: list[Demand], groups: list[set[str]]) -> None:
    agents = [agent(number, *names) for number, names in enumerate(groups)]
    found = room(demands, agents)
    assert sum(found.values()) <= len(agents)
    for demand in demands:
        able = sum(demand.group in one.groups for one in agents)
        assert found.get(demand.group, 0) <= max(0, min(demand.due, able - demand.ahead))


@pytest.mark.parametrize(
    ("signs", "fate"),
    [
        (Signs("claimed"), Fate.BEGIN),
        (Signs("handed"), Fate.HAND_OVER),
        (Signs("dialled"), Fate.UNKNOWN),
        (Signs("handed", in_stream=True), Fate.ON_ITS_WAY),
        (Signs("handed", begun=True), Fate.UNKNOWN),
        (Signs("handed", begun=True, live=True), Fate.LIVES),
        (Signs("dialled", begun=True, in_journal=True), Fate.ON_ITS_WAY),
    ],
)
def test_fates(signs: Signs, fate: Fate) -> None:
    assert fate_of(signs) is fate


def test_only_what_was_never_begun_is_handed_over_again() -> None:
    flags = product([False, True], repeat=4)
    for (in_stream, live, begun, in_journal), state in product(
        flags, ("claimed", "handed", "dialled")
    ):
        fate = fate_of(Signs(state, in_stream, live, begun, in_journal))
        if fate in (Fate.BEGIN, Fate.HAND_OVER):
            assert not any((in_stream, live, begun, in_journal, state == "dialled"))
