"""One request's story: in order, in words, and drawn within its frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from webdesk.ops.drawing import LEFT, RIGHT, WIDTH, drawing
from webdesk.ops.timeline import lines

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

Json = dict[str, Any]


def iso(seconds: float | None) -> str | None:
    return None if seconds is None else (NOW + timedelta(seconds=seconds)).isoformat()


def attempt(number: int, claimed: float, dialled: float | None, ended: float | None) -> Json:
    return {
        "attempt": number,
        "state": "ended" if ended is not None else "dialled",
        "outcome": "busy" if ended is not None else None,
        "sip_code": 486 if ended is not None else None,
        "claimed": iso(claimed),
        "dialled": iso(dialled),
        "ended": iso(ended),
    }


def request(*attempts: Json, state: str = "waiting", due: float = 60, **more: Any) -> Json:
    return {
        "created": iso(-600),
        "due": iso(due),
        "ended": None,
        "state": state,
        "attempts": list(attempts),
        "timeline": [],
        **more,
    }


def test_a_bar_is_filled_from_dialling_on_and_says_its_outcome() -> None:
    drawn = drawing(request(attempt(1, -300, -290, -260)), NOW)
    bar = drawn["bars"][0]
    assert bar["label"] == "busy, SIP 486"
    assert bar["x"] < bar["dialled_x"]
    assert bar["dialled_width"] < bar["width"]
    assert drawn["due_x"] == WIDTH - RIGHT


def test_an_attempt_under_way_reaches_to_now() -> None:
    drawn = drawing(request(attempt(1, -10, -5, None), state="dialling", due=-10), NOW)
    bar = drawn["bars"][0]
    assert bar["x"] + bar["width"] == WIDTH - RIGHT
    assert drawn["due_x"] is None


def test_a_request_without_attempts_is_drawn() -> None:
    assert drawing(request(), NOW)["bars"] == []


moments = st.floats(-600, 600)


@given(st.lists(st.tuples(moments, moments, moments), max_size=10), moments)
def test_nothing_is_drawn_outside(times: list[tuple[float, ...]], due: float) -> None:
    attempts = [attempt(n + 1, *sorted(three)) for n, three in enumerate(times)]
    drawn = drawing(request(*attempts, due=due), NOW)
    for bar in drawn["bars"]:
        assert LEFT <= bar["x"] <= WIDTH - RIGHT
        assert bar["width"] >= 6
        assert 0 < bar["y"] < drawn["base"]


def test_what_happened_stands_in_order_from_all_places() -> None:
    timeline = [
        {"at": iso(-600), "name": "request.made", "data": {"source": "web", "due": iso(0)}},
        {"at": iso(-260), "name": "attempt.ended", "data": {"outcome": "busy", "sip_code": 486}},
        {"at": iso(-1), "name": "request.strange_thing", "data": {}},
    ]
    refusal = {
        "at": NOW - timedelta(seconds=400),
        "reason": "do_not_call",
        "detail": {"reasons": [{"code": "do_not_call", "saw": {"scope": "everybody"}}]},
    }
    leg = {
        "role": "customer",
        "started": iso(-290),
        "answered": None,
        "ended": iso(-261),
        "cause": 17,
    }
    call = {
        "is_first": False,
        "legs": [leg],
        "ended": NOW - timedelta(seconds=260.5),
        "outcome": "busy",
        "agent": None,
    }
    told = lines(request(timeline=timeline), [call], [refusal])
    assert [line.title for line in told] == [
        "Asked to be called",
        "Refused: do not call",
        "Call: customer is rung",
        "Call: customer's leg ended",
        "Call ended: busy",
        "Attempt: busy",
        "Request: strange thing",
    ]
    assert told[1].detail == "do not call (scope: everybody)"
    assert told[5].detail == "SIP 486"
    assert [line.tone for line in told][1] == "bad"
