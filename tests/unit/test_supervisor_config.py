"""supervisord's configuration survives awkward paths and values."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from cordboard.cli.same_offers import VARIABLE, same_offers
from cordboard.cli.stack import offers_line
from cordboard.settings import Settings
from cordboard.stack import paths, supervisor
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


@pytest.mark.parametrize("runs", [True, False])
def test_a_command_without_the_offers_database_of_the_running_stack_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: bool
) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://u:p%20w@db/offers")
    settings = Settings(run_dir=tmp_path, offers_database_url="")
    component = Component("web", ["x"], tmp_path, "abc")
    text = configuration(settings, [component])
    supervisor.configuration_file(settings).write_text(text, encoding="utf-8")
    monkeypatch.setattr(supervisor, "is_running", lambda _: runs)
    assert same_offers(Settings(run_dir=tmp_path)).is_split
    if not runs:
        assert same_offers(settings) is settings
        return
    assert supervisor.started_with(settings, VARIABLE) == "postgresql://u:p%20w@db/offers"
    with pytest.raises(StackError, match="without CORDBOARD_OFFERS_DATABASE_URL") as refusal:
        same_offers(settings)
    assert "p%20w" not in str(refusal.value), "a password"
    assert "not set here" in offers_line(settings)


def test_status_says_where_offers_are(tmp_path: Path) -> None:
    split = Settings(run_dir=tmp_path, offers_database_url="postgresql://u:secret@db-b:5/offers")
    assert offers_line(split) == "Offers are in a database of their own: offers at db-b."
    assert offers_line(Settings(run_dir=tmp_path, offers_database_url="")) == ""
