"""Filling placeholders into Asterisk's configuration without touching the dialplan's variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordboard.settings import Settings
from cordboard.stack.errors import StackError
from cordboard.stack.templates import SOURCE, placeholders, render, render_all

VALUES = {"SIP_PORT": "15060", "ARI_PASSWORD": r"a\1$b"}


def test_only_placeholders_are_filled_in_the_dialplan() -> None:
    text = "exten => _X.,1,Set(N=${FILTER(0-9,${CALLERID(num)})}) ; ${SIP_PORT} $[1+1] ${EXTEN}"
    filled = render(text, VALUES, "extensions.d/trunk.conf")
    assert filled == text.replace("${SIP_PORT}", "15060")


def test_a_value_is_taken_as_it_is() -> None:
    assert render("password = ${ARI_PASSWORD}", VALUES, "ari.conf") == r"password = a\1$b"


def test_a_misspelt_placeholder_is_an_error_outside_the_dialplan() -> None:
    with pytest.raises(StackError, match=r"pjsip.conf uses \$\{SIP_PROT\}") as caught:
        render("bind = 127.0.0.1:${SIP_PROT}", VALUES, "pjsip.conf")
    assert "SIP_PORT" in caught.value.hint


def test_every_file_renders_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(run_dir=tmp_path, port_base=15000)
    changed = render_all(settings)
    assert {"pjsip.conf", "modules.conf", "ari.conf"} <= changed
    assert render_all(settings) == set()
    assert "bind = 127.0.0.1:15060" in (tmp_path / "asterisk/etc/pjsip.conf").read_text()


def test_a_file_that_is_gone_goes_from_the_instance_too(tmp_path: Path) -> None:
    settings = Settings(run_dir=tmp_path, port_base=15000)
    render_all(settings)
    stray = tmp_path / "asterisk/etc/extensions.d/old.conf"
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("[old]\n")
    assert render_all(settings) == {"extensions.d/old.conf"}
    assert not stray.exists()


def test_every_placeholder_is_documented() -> None:
    page = (SOURCE / "README.md").read_text(encoding="utf-8")
    for name in placeholders(Settings(port_base=15000)):
        assert f"`${{{name}}}`" in page


def test_nothing_listens_beyond_loopback() -> None:
    for name, setting in (("pjsip.conf", "bind ="), ("http.conf", "bindaddr =")):
        lines = (SOURCE / name).read_text(encoding="utf-8").splitlines()
        bound = [line for line in lines if line.startswith(setting)]
        assert bound
        assert all("127.0.0.1" in line for line in bound)


def test_the_trunk_may_not_transfer_calls() -> None:
    text = (SOURCE / "pjsip.conf").read_text(encoding="utf-8")
    endpoints = [part for part in text.split("\n[") if "\ntype = endpoint" in part]
    assert endpoints
    assert all("\nallow_transfer = no" in part for part in endpoints)


def test_asterisk_logs_no_keyed_digits() -> None:
    text = (SOURCE / "logger.conf").read_text(encoding="utf-8")
    active = [line for line in text.splitlines() if "=>" in line and not line.startswith(";")]
    assert active
    assert not any("dtmf" in line or "verbose(3" in line or "debug" in line for line in active)
