"""supervisord's configuration survives awkward paths and values."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from cordboard.settings import Settings
from cordboard.stack import paths
from cordboard.stack.components import Component
from cordboard.stack.errors import StackError
from cordboard.stack.supervisor_conf import configuration


def parse(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(text)
    return parser


def test_a_program_carries_its_instance_and_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDBOARD_INSTANCE", "other")
    settings = Settings(instance="dev", run_dir=tmp_path)
    text = configuration(settings, [Component("redis", ["r"], tmp_path, "abc")])
    environment = parse(text)["program:redis"]["environment"]
    assert 'CORDBOARD_INSTANCE="dev"' in environment
    assert 'CORDBOARD_FINGERPRINT="abc"' in environment


def test_percent_signs_and_spaces_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDBOARD_DATABASE_URL", "postgresql://u:p%20w@db/x")
    settings = Settings(run_dir=tmp_path)
    component = Component("web", ["run it", "100%"], tmp_path, "abc")
    section = parse(configuration(settings, [component]))["program:web"]
    assert section["command"] == "'run it' 100%%"
    assert 'CORDBOARD_DATABASE_URL="postgresql://u:p%%20w@db/x"' in section["environment"]


def test_a_quote_in_a_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDBOARD_TTS_VOICE", 'a" ,X="b')
    component = Component("web", ["x"], tmp_path, "abc")
    with pytest.raises(StackError, match="quote"):
        configuration(Settings(run_dir=tmp_path), [component])


def test_a_long_path_gets_a_short_place_for_its_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    folder = paths.socket_folder(Settings(run_dir=deep))
    assert len(str(folder / "supervisor.sock.4194304")) <= 107
    assert folder != paths.socket_folder(Settings(run_dir=deep / "f"))
