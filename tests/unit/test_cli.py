"""The command line: the commands of the contract, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cordboard import cli
from cordboard.stack.errors import StackError

CONTRACT = {"up", "down", "status", "calls", "sql", "redis", "asterisk", "doctor", "log"}


def test_every_command_of_the_contract_is_there_with_its_help() -> None:
    assert set(cli.cli.commands) >= CONTRACT
    for name, command in cli.cli.commands.items():
        assert command.help, name


def test_options_of_psql_are_psqls() -> None:
    answer = CliRunner().invoke(cli.cli, ["sql", "--help"], env={"CORDBOARD_PORT_BASE": "1"})
    assert isinstance(answer.exception, StackError)
    assert "cordboard up" in answer.exception.hint


def test_asterisks_configuration_is_written_for_a_machine(tmp_path: Path) -> None:
    runner = CliRunner()
    first = runner.invoke(cli.cli, ["render", str(tmp_path)], env={"CORDBOARD_PORT_BASE": "5000"})
    assert first.exit_code == 0, first.output
    assert "bind = 127.0.0.1:5060" in (tmp_path / "pjsip.conf").read_text(encoding="utf-8")
    again = runner.invoke(cli.cli, ["render", str(tmp_path)], env={"CORDBOARD_PORT_BASE": "5000"})
    assert "nothing has changed" in again.output


def test_an_error_is_a_line_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise StackError("it is broken", "Mend it.")

    monkeypatch.setattr(cli, "cli", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert capsys.readouterr().err == "cordboard: it is broken\n  Mend it.\n"
