"""When keys are an answer, and which; keys that come while words are heard."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.verbs.listen import Words, answer_of, is_complete, listen
from cordboard.orders.dialogue.turns import Keys, Pressed, Silence
from support.call_fakes import FakeServices, new_state

ONE = Keys()
NUMBER = Keys(15, "#")
SPEED_DIAL = Keys(3, "#", opens="*")


@pytest.mark.parametrize(("wanted", "typed", "complete", "answer"), [
    (ONE, "", False, ""),
    (ONE, "1", True, "1"),
    (ONE, "#", True, "#"),
    (ONE, "12", True, "1"),
    (NUMBER, "3125550", False, "3125550"),
    (NUMBER, "3125550#", True, "3125550"),
    (NUMBER, "#", True, ""),
    (NUMBER, "1" * 15, False, "1" * 15),
    (NUMBER, "1" * 15 + "#", True, "1" * 15),
    (NUMBER, "1" * 16, True, "1" * 15),
    (SPEED_DIAL, "1", True, "1"),
    (SPEED_DIAL, "0", True, "0"),
    (SPEED_DIAL, "#", True, ""),
    (SPEED_DIAL, "*", False, "*"),
    (SPEED_DIAL, "*4", False, "*4"),
    (SPEED_DIAL, "*4#", True, "*4"),
    (SPEED_DIAL, "*42", False, "*42"),
    (SPEED_DIAL, "*42#", True, "*42"),
    (SPEED_DIAL, "12", True, "1"),
])  # fmt: skip
def test_keys_as_an_answer(wanted: Keys, typed: str, complete: bool, answer: str) -> None:
    assert is_complete(wanted, typed) is complete
    assert answer_of(wanted, typed) == answer


class FakeClient:
    """Takes the commands of playbacks."""

    def __init__(self) -> None:
        self.stopped: list[str] = []
        self.http = self

    async def request(self, method: str, path: str, *_: Any) -> None:
        assert method == "DELETE"
        self.stopped.append(path.removeprefix("/playbacks/"))


@pytest.fixture
def call() -> Call:
    services = FakeServices()
    services.client = FakeClient()  # type: ignore[attr-defined]
    return Call(new_state("c"), services.as_services())


def stopped(call: Call) -> list[str]:
    client: Any = call.services.client
    return list(client.stopped)


def key(call: Call, digits: str) -> None:
    for digit in digits:
        channel = {"id": call.customer.channel}
        call.inbox.put_nowait(
            {"type": "ChannelDtmfReceived", "digit": digit, "channel": channel, "duration_ms": 0}
        )


def end_of(call: Call, *names: str) -> None:
    for name in names:
        call.inbox.put_nowait(
            {"type": "PlaybackFinished", "playback": {"id": name, "state": "done"}}
        )


WORDS = Words(("first", "second"), 0.02)


async def test_a_key_stops_all_words_the_last_first(call: Call) -> None:
    key(call, "1")
    assert await listen(call, ONE, WORDS) == Pressed("1")
    assert stopped(call) == ["second", "first"], "what is next must not begin when this one ends"


async def test_thinking_begins_after_the_last_word(call: Call) -> None:
    listening = asyncio.create_task(listen(call, Keys(think_s=0.05), WORDS))
    end_of(call, "first")
    done, _ = await asyncio.wait([listening], timeout=0.2)
    assert not done, "half of it is still to be heard"
    end_of(call, "second")
    assert await listening == Silence()


async def test_a_number_ends_by_a_pause(call: Call) -> None:
    key(call, "*4")
    end_of(call, *WORDS.playbacks)
    assert await listen(call, Keys(3, "#", opens="*", next_s=0.05), WORDS) == Pressed("*4")


async def test_the_longest_number_takes_its_end_along(call: Call) -> None:
    """A pound that was left over would mean something at the next prompt."""
    key(call, "*42")
    listening = asyncio.create_task(listen(call, SPEED_DIAL, WORDS))
    done, _ = await asyncio.wait([listening], timeout=0.1)
    assert not done
    key(call, "#")
    assert await listening == Pressed("*42")


async def test_without_barge_in_a_key_counts_after_the_last_word(call: Call) -> None:
    key(call, "1")
    end_of(call, *WORDS.playbacks)
    assert await listen(call, Keys(barge_in=False, think_s=0.05), WORDS) == Silence()
    key(call, "2")
    assert await listen(call, Keys(barge_in=False, think_s=0.05), Words()) == Pressed("2")


async def test_a_key_that_is_pressed_twice_does_not_answer_the_next_question(call: Call) -> None:
    end_of(call, *WORDS.playbacks)
    key(call, "1")
    soon = now_ms() + 60_000
    assert await listen(call, Keys(think_s=0.05), WORDS, soon) == Silence()
    key(call, "1")
    assert await listen(call, Keys(think_s=0.05), WORDS, now_ms()) == Pressed("1")


async def test_silence_tells_what_was_heard_to_its_end(call: Call) -> None:
    """Not what Asterisk could not play."""
    words = Words(("first", "second"), 0.02, (("first", "Hello."), ("second", "It is for Loop.")))
    end_of(call, "first")
    failed = {"type": "PlaybackFinished", "playback": {"id": "second", "state": "failed"}}
    call.inbox.put_nowait(failed)
    assert await listen(call, Keys(think_s=0.05), words) == Silence(("Hello.",))


async def test_what_was_heard_to_its_end_before_the_key_is_told(call: Call) -> None:
    """Not what the key interrupted, although its end is told as well."""
    words = Words(("first", "second"), 0.02, (("first", "Hello."), ("second", "Tea, press 1.")))
    end_of(call, "first")
    key(call, "1")
    end_of(call, "second")
    assert await listen(call, ONE, words.after(Words(("before",)))) == Pressed("1", ("Hello.",))
