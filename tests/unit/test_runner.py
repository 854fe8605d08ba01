"""A flow's steps: stored, run in order, repeated, and always cleaned up after."""

from __future__ import annotations

import pytest

from ari_app import runner
from ari_app.call import Call, CallHungUp
from ari_app.client import ServerError
from ari_app.flow import END, Flow
from support.call_fakes import FakeServices, new_state

#: What is told of a clean-up in which nothing fails.
CLEANED = ("clean_up", "close")


class Story:
    """A flow of three steps that notes what happened."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.failures = 0
        self.back_to_first = 0
        self.leave_in_second = False
        self.fail_in_give_up = False
        self.fail_in_clean_up = 0
        self.services = FakeServices()

    async def first(self, call: Call) -> None:
        self.told.append("first")

    async def second(self, call: Call) -> str | None:
        self.told.append("second")
        if self.leave_in_second:
            raise CallHungUp
        if self.failures:
            self.failures -= 1
            raise ServerError(500, "Allocation failed")
        if self.back_to_first:
            self.back_to_first -= 1
            return "first"
        return None

    async def third(self, call: Call) -> str:
        self.told.append("third")
        return END

    async def give_up(self, call: Call) -> None:
        self.told.append("give_up")
        if self.fail_in_give_up:
            raise RuntimeError("a slip")

    async def clean_up(self, call: Call) -> None:
        self.told.append("clean_up")
        if self.fail_in_clean_up:
            self.fail_in_clean_up -= 1
            raise RuntimeError("a slip")

    async def close(self, call: Call) -> None:
        self.told.append("close")

    async def run(self, step: str = "") -> list[str]:
        steps, clean_up = (self.first, self.second, self.third), (self.clean_up, self.close)
        flow = Flow("test", steps, self.give_up, clean_up)
        await runner.run(flow, Call(new_state("c", step=step), self.services.as_services()))
        return self.told


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "AGAIN_S", 0.001)


async def test_steps_run_in_order_and_each_is_stored_before_it_runs() -> None:
    story = Story()
    assert await story.run() == ["first", "second", "third", *CLEANED]
    assert story.services.bus.steps() == ["first", "second", "third"]


async def test_a_stored_call_goes_on_where_it_was() -> None:
    assert await Story().run("second") == ["second", "third", *CLEANED]


async def test_a_call_that_is_over_is_only_cleaned_up() -> None:
    assert await Story().run(END) == [*CLEANED]


async def test_a_step_may_lead_back() -> None:
    story = Story()
    story.back_to_first = 1
    assert await story.run() == ["first", "second", "first", "second", "third", *CLEANED]


async def test_a_caller_who_leaves_ends_the_flow_with_a_clean_up() -> None:
    story = Story()
    story.leave_in_second = True
    assert await story.run() == ["first", "second", *CLEANED]


async def test_a_step_that_asterisk_could_not_do_is_run_again() -> None:
    story = Story()
    story.failures = 2
    assert await story.run() == [
        "first",
        "second",
        "second",
        "second",
        "third",
        "clean_up",
        "close",
    ]


async def test_a_step_that_keeps_failing_gives_the_caller_to_the_fallback() -> None:
    story = Story()
    story.failures = 99
    assert await story.run() == [
        "first",
        *["second"] * runner.TRIES,
        "give_up",
        "clean_up",
        "close",
    ]


async def test_a_step_with_a_slip_does_not_lose_the_caller_either() -> None:
    assert await Story().run("no_such_step") == ["give_up", *CLEANED]


async def test_a_slip_in_giving_up_does_not_keep_it_from_being_cleaned_up() -> None:
    story = Story()
    story.fail_in_give_up = True
    assert await story.run("no_such_step") == ["give_up", *CLEANED]


@pytest.mark.parametrize("times", [1, 99])
async def test_a_part_of_the_clean_up_that_fails_is_run_again_and_holds_up_no_other(
    times: int,
) -> None:
    story = Story()
    story.fail_in_clean_up = times
    assert await story.run(END) == ["clean_up", "clean_up", "close"]
