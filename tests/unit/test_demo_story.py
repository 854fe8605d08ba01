"""The demo's voice: claims that must be true, and two stories that do not speak at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cordboard.demo.story import DidNotHappen, Story
from cordboard.demo.web_acts import sunday_night


def _told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rpartition("  ")[2].strip() for line in capsys.readouterr().out.splitlines()]


def test_a_story_aside_is_told_after_the_one_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    story = Story()
    with story.aside() as aside:
        aside.claim("aside", true=True)
        story.claim("beside", true=True)
        assert _told(capsys) == ["✓ beside"]
    assert _told(capsys) == ["✓ aside"]
    assert story.claims == 2


def test_what_was_told_before_something_failed_is_told_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = Story()

    def fail() -> None:
        with story.aside() as aside:
            aside.claim("first", true=True)
            aside.claim("never", true=False)

    with pytest.raises(DidNotHappen, match="never"):
        fail()
    assert _told(capsys) == ["✓ first"]


@pytest.mark.parametrize("ahead", range(14))
def test_the_sunday_night_is_a_sunday_ahead(ahead: int) -> None:
    today = date(2026, 11, 23) + timedelta(days=ahead)
    chosen = date.fromisoformat(sunday_night(today).removesuffix("T03:00"))
    assert chosen.weekday() == 6
    assert 2 <= (chosen - today).days <= 8
