"""The step ``present`` of a call: the IVR makes an offer, and hears the answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from ari_app.call import Call, CallHungUp
from ari_app.verbs import present
from ari_app.verbs.present import present_offer, text_of
from cordboard.agent_state import State
from cordboard.decision_facts import Policy
from cordboard.tts import SpeechError
from support.decide_step import BUSY, CARD, FACTS, ID, SALES, Line, agent, begin, decided


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Nobody who can present the offer is free: the IVR is to do it."""

    async def spoken(call: Call, texts: list[str]) -> list[str]:
        return ["sound:/spoken/offer" for _ in texts]

    monkeypatch.setattr(present, "speak", spoken)
    monkeypatch.setattr(present, "THINK_S", 0.01)
    call = begin(BUSY, agent(3, State.ON_CALL, "halyard-sales", skills=("fiber",)))
    decided(call)
    assert call.state.card["decision"]["route"]["to"] == "ivr"
    call.services.journal.told.clear()  # type: ignore[attr-defined]
    return call


def line(call: Call) -> Line:
    found: Any = call.services.client
    return found  # type: ignore[no-any-return]


def told(call: Call, kind: str) -> list[Any]:
    return [what for name, what in call.services.journal.told if name == kind]  # type: ignore[attr-defined]


def test_silence_goes_on(call: Call) -> None:
    asyncio.run(present_offer(call))
    assert line(call).played == ["offer", "offer-answers"]
    assert told(call, "exposure") == [[SALES.id, "ivr"]]
    assert told(call, "disposition") == []
    assert call.state.group == "halyard-service"


@pytest.mark.parametrize("during", ["offer", "offer-answers"])
@pytest.mark.parametrize(
    ("key", "answer", "code", "thanks"),
    [
        ("1", "interested", "SYS_IVR_ACCEPTED", "offer-interested"),
        ("2", "not_interested", "SYS_IVR_DECLINED", "offer-declined"),
        ("3", "later", "SYS_IVR_LATER", "offer-later"),
    ],
)
def test_a_key_answers_at_any_time(
    call: Call, during: str, key: str, answer: str, code: str, thanks: str
) -> None:
    line(call).keys = {during: key}
    asyncio.run(present_offer(call))
    assert line(call).played[-1] == thanks
    assert told(call, "exposure") == [[SALES.id, "ivr"]], "who answered was asked"
    assert told(call, "disposition") == [[0, "sales", code, f"{ID}:ivr:1", "HAL-FIBER"]]
    assert call.state.card["cti"]["OFFER_ANSWER"] == answer
    assert call.state.card["dispositions"] == {"sales": code}
    assert told(call, "call") == [[{"OFFER_ANSWER": answer}]]
    interested = answer == "interested"
    assert call.state.group == ("halyard-sales" if interested else "halyard-service")
    assert call.state.needs == ({"fiber": 9} if interested else {})
    entry = call.state.card["ranking"][0]
    assert (entry["presented"], entry["answer"]) == ("ivr", answer)


def test_whoever_is_interested_stays_where_somebody_is(call: Call) -> None:
    call.services.agents.by_id.pop(3)
    line(call).keys = {"offer": "1"}
    asyncio.run(present_offer(call))
    assert call.state.group == "halyard-service"


def test_zero_goes_to_a_person_at_once(call: Call) -> None:
    line(call).keys = {"offer": "0"}
    asyncio.run(present_offer(call))
    assert line(call).played == ["offer"]
    assert told(call, "exposure") == [], "it was not heard to its end"
    assert "OFFER_ANSWER" not in call.state.card["cti"]


def test_other_keys_mean_nothing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    line(call).keys = {"offer-answers": "7"}
    monkeypatch.setattr(present, "LONGEST_QUESTION_S", 0.01)
    asyncio.run(present_offer(call))
    assert told(call, "disposition") == []


@pytest.mark.parametrize(("during", "exposures"), [("offer", 0), ("offer-answers", 1)])
def test_hanging_up(call: Call, during: str, exposures: int) -> None:
    line(call).hangs_up_during = during
    with pytest.raises(CallHungUp):
        asyncio.run(present_offer(call))
    assert len(told(call, "exposure")) == exposures


def test_what_could_not_be_played_was_not_presented(call: Call) -> None:
    line(call).state = "failed"
    asyncio.run(present_offer(call))
    assert told(call, "exposure") == []


def test_run_again_after_a_crash_it_is_not_played_again(call: Call) -> None:
    line(call).hangs_up_during = "offer"
    with pytest.raises(CallHungUp):
        asyncio.run(present_offer(call))
    asyncio.run(present_offer(call))
    assert line(call).played == ["offer"]


def test_that_it_begins_is_stored_before_it_is_heard(call: Call) -> None:
    seen: list[Any] = []

    async def flush() -> None:
        seen.append((bool(call.state.presented_ms), list(line(call).played)))

    call.services.bus.flush = flush  # type: ignore[method-assign]
    asyncio.run(present_offer(call))
    assert seen == [(True, [])]


def test_without_speech_the_call_goes_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(call: Call, texts: list[str]) -> list[str]:
        raise SpeechError("no voice")

    monkeypatch.setattr(present, "speak", broken)
    asyncio.run(present_offer(call))
    assert line(call).played == []
    assert call.state.presented_ms == 0


def test_what_is_said() -> None:
    assert text_of(SALES.ivr_text, CARD) == "Dana, Halyard Telecom has fiber for you."
    assert text_of("{first_name}, hello {x}.", {}) == "hello ."


def test_a_policy_without_ivr_presents_nothing() -> None:
    call = begin(BUSY, facts=replace(FACTS, policy=Policy(ivr_presentation=False)))
    decided(call)
    asyncio.run(present_offer(call))
    assert line(call).played == []
