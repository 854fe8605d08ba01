"""The demo ends with an error when one of its stories breaks off."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cordboard.demo import __main__ as demo
from cordboard.demo.browser import Album
from cordboard.demo.story import DidNotHappen
from cordboard.settings import Settings


def _album(settings: Settings, *_: Any) -> Album:
    return Album(settings.run / "demo")


def _breaks_off(*_: Any) -> Album:
    raise DidNotHappen("the visitor was called")


@pytest.mark.parametrize(
    ("callers", "web", "shop", "code"),
    [
        (_album, _album, _album, 0),
        (_album, _breaks_off, _album, 1),
        (_breaks_off, _album, _album, 1),
        (_album, _album, _breaks_off, 1),
    ],
)
def test_a_story_that_breaks_off_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, callers: Any, web: Any, shop: Any, code: int
) -> None:
    settings = Settings(instance="dev", run_dir=tmp_path)
    monkeypatch.setenv("CORDBOARD_INSTANCE", "mine")
    monkeypatch.delenv("CORDBOARD_PORT_BASE", raising=False)
    monkeypatch.setenv("CORDBOARD_NIGHTLY_HOUR", "")  # put back at the end, whatever is set here
    monkeypatch.delenv("CORDBOARD_NIGHTLY_HOUR")
    monkeypatch.setattr(demo, "load_settings", lambda: settings)
    nights = []

    def up(found: Settings, say: Any) -> Settings:
        nights.append(os.environ.get("CORDBOARD_NIGHTLY_HOUR"))
        return found

    monkeypatch.setattr(demo, "up", up)
    monkeypatch.setattr(demo, "browser_page", nullcontext)
    monkeypatch.setattr(demo, "play_callers", callers)
    monkeypatch.setattr(demo, "play_web", web)
    monkeypatch.setattr(demo, "play_shop", shop)
    ended = CliRunner().invoke(demo.main)
    assert ended.exit_code == code
    assert ("This did not happen: the visitor was called" in ended.output) == bool(code)
    assert nights == ["-1"], "what callers are offered would depend on the hour"
    named = "CORDBOARD_INSTANCE=mine make down" if not code else "CORDBOARD_INSTANCE=mine .venv"
    assert named in ended.output
