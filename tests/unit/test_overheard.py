"""Events of Asterisk become lines of what one caller hears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cordboard.sipp.overheard import Transcript
from cordboard.tts import write_wav

OURS = {"id": "1.1", "protocol_id": "ours@127.0.0.2"}
OTHER = {"id": "1.2", "protocol_id": "other@127.0.0.2"}


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    for name in ("welcome", "ask-account"):
        write_wav(b"\0\0", tmp_path / f"{name}.wav", f"The words of {name}.")
    return tmp_path


def heard(*events: dict[str, Any]) -> list[str]:
    transcript = Transcript(OURS["protocol_id"])
    return [line for event in events for line in transcript.lines(event)]


def dialplan(app: str, data: str, channel: dict[str, str] = OURS) -> dict[str, Any]:
    return {
        "type": "ChannelDialplan",
        "channel": channel,
        "dialplan_app": app,
        "dialplan_app_data": data,
    }


def playback(uri: str, kind: str = "PlaybackStarted", channel: str = "1.1") -> dict[str, Any]:
    return {"type": kind, "playback": {"media_uri": uri, "target_uri": f"channel:{channel}"}}


def test_prompts_of_the_dialplan(sounds: Path) -> None:
    assert heard(
        dialplan("Answer", ",i"),
        dialplan("Playback", f"{sounds}/welcome,noanswer"),
        dialplan("Read", f"CB_DIGITS,{sounds}/welcome&{sounds}/ask-account,20,t(#),1,0.1"),
        dialplan("Read", f"CB_DIGITS,{sounds}/gone,20"),
    ) == ["The words of welcome.", "The words of welcome.", "The words of ask-account.", "(gone)"]


def test_what_the_application_plays(sounds: Path) -> None:
    assert heard(
        {"type": "ChannelStateChange", "channel": OURS},
        playback(f"sound:{sounds}/welcome"),
        playback(f"sound:{sounds}/welcome", "PlaybackContinuing"),
        playback("number:12"),
        playback("digits:123", "PlaybackFinished"),
        playback("recording:name"),
    ) == ["The words of welcome.", "12", "(recording:name)"]


def test_other_calls_are_not_overheard(sounds: Path) -> None:
    assert not heard(
        playback(f"sound:{sounds}/welcome"),
        {"type": "ChannelStateChange", "channel": OURS},
        dialplan("Playback", f"{sounds}/welcome", OTHER),
        playback(f"sound:{sounds}/welcome", channel="1.2"),
        {"type": "ApplicationRegistered"},
    )
