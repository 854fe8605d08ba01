"""A stack of its own comes up, mends itself, and goes down without leaving anything behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.settings import Settings, load_settings
from cordboard.sipp import eventually
from cordboard.stack import components, ports, processes, ready, supervisor
from cordboard.stack.down import down
from cordboard.stack.errors import StackError
from cordboard.stack.up import up

PARTS = ("postgres", "redis", "asterisk")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a stack that nobody else uses: postgres, redis and asterisk of it are up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORDBOARD_INSTANCE", "own")
        patch.setenv("CORDBOARD_PORT_BASE", str(ports.free_block()))
        patch.setenv("CORDBOARD_RUN_DIR", str(tmp_path_factory.mktemp("own") / "run"))
        yield up(load_settings(), only=PARTS)
        down(load_settings())


def cordboard(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.prefix) / "bin" / "cordboard"
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)


def status() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(cordboard("status", "--json").stdout)[
        "components"
    ]
    return found


def pid(settings: Settings, name: str) -> int:
    return int(supervisor.states(settings)[name]["pid"])


def test_status_tells_what_runs_and_where(own: Settings) -> None:
    found = status()
    assert list(found) == list(components.names(own))
    assert {name for name, state in found.items() if state["state"] == "ok"} == set(PARTS)
    assert found["redis"]["address"] == f"redis://127.0.0.1:{own.port('redis')}/0"
    assert found["web"]["state"] == "down"


def test_a_second_up_changes_nothing(own: Settings) -> None:
    before = {name: pid(own, name) for name in PARTS}
    up(own, only=PARTS)
    assert {name: pid(own, name) for name in PARTS} == before


def test_up_of_one_part_leaves_the_others_running(own: Settings) -> None:
    before = {name: pid(own, name) for name in PARTS}
    up(own, only=("redis",))
    assert {name: pid(own, name) for name in PARTS} == before


def test_commands_look_into_the_stack(own: Settings) -> None:
    assert cordboard("sql", "-tAc", "SELECT 40 + 2").stdout == "42\n"
    assert cordboard("redis", "PING").stdout == "PONG\n"
    assert cordboard("asterisk", "core", "show", "version").stdout.startswith("Asterisk 2")
    assert "Debian packages" in cordboard("doctor").stdout


def test_a_stranger_gets_in_nowhere(own: Settings) -> None:
    bare = Settings(instance="own", port_base=own.base)
    assert "password" in ready.problem(bare, "postgres")
    assert "authenticate" in ready.problem(bare, "redis")
    assert "401" in ready.problem(bare, "asterisk")


def test_nothing_listens_beyond_loopback(own: Settings) -> None:
    listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout
    bound = [line.split()[3] for line in listening.splitlines()]
    ports_of_ours = range(own.base, own.base + ports.BLOCK)
    ours = [address for address in bound if int(address.rpartition(":")[2]) in ports_of_ours]
    assert ours
    assert all(address.startswith("127.0.0.1:") for address in ours)


@pytest.mark.parametrize("name", PARTS)
def test_what_is_killed_starts_again(own: Settings, name: str) -> None:
    killed = pid(own, name)
    os.kill(killed, signal.SIGKILL)
    eventually(
        lambda: pid(own, name) not in (0, killed) and not ready.problem(own, name),
        within=20,
        what=f"{name} is back",
    )


def test_a_changed_setting_restarts_only_what_it_concerns(own: Settings) -> None:
    before = {name: pid(own, name) for name in PARTS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORDBOARD_REDIS_PASSWORD", "changed")
        changed = up(load_settings(), only=PARTS)
        assert not ready.problem(changed, "redis")
    assert pid(own, "redis") != before["redis"]
    up(load_settings(), only=PARTS)


def test_a_changed_dialplan_is_read_while_asterisk_runs(own: Settings) -> None:
    before = pid(own, "asterisk")
    stale = own.run / "asterisk" / "etc" / "extensions.conf"
    stale.write_text("[yesterday]\nexten => s,1,Hangup()\n", encoding="utf-8")
    cordboard("asterisk", "dialplan", "reload")
    assert "yesterday" in cordboard("asterisk", "dialplan", "show", "yesterday").stdout
    up(own, only=PARTS)
    assert "call-in" in cordboard("asterisk", "dialplan", "show", "from-trunk").stdout
    assert "no existence" in cordboard("asterisk", "dialplan", "show", "yesterday").stdout
    assert pid(own, "asterisk") == before


def test_down_works_when_supervisord_was_killed(own: Settings) -> None:
    os.kill(int(supervisor.session_file(own).read_text()), signal.SIGKILL)
    eventually(lambda: not supervisor.is_running(own), within=5, what="supervisord is gone")
    assert processes.of_instance(own)
    assert down(own)
    assert processes.of_instance(own) == []
    assert not down(own)


def test_a_port_that_is_taken_is_named_with_its_holder(own: Settings) -> None:
    down(own)
    with (
        socket.create_server(("127.0.0.1", own.port("redis"))),
        pytest.raises(StackError, match=rf"port {own.port('redis')} is held by .*{os.getpid()}"),
    ):
        up(own, only=("redis",))
    up(own, only=PARTS)


def test_a_component_that_fails_shows_its_log(own: Settings) -> None:
    supervisor.stop(own, "redis")
    manifest = next((own.run / "redis").rglob("*.manifest"))
    intact = manifest.read_bytes()
    manifest.write_bytes(b"nonsense\n")
    with pytest.raises(StackError, match="redis does not answer") as caught:
        up(own, only=("redis",))
    assert "manifest" in caught.value.problem
    assert "cordboard log redis" in caught.value.hint
    manifest.write_bytes(intact)
    up(own, only=PARTS)


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDBOARD_AGI_THREADS", "none")
    answer = cordboard("status")
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "CORDBOARD_AGI_THREADS" in answer.stderr


def test_an_instance_without_ports_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDBOARD_INSTANCE", "nowhere")
    monkeypatch.delenv("CORDBOARD_PORT_BASE", raising=False)
    answer = cordboard("up")
    assert answer.returncode == 1
    assert "CORDBOARD_PORT_BASE" in answer.stderr
    assert "Traceback" not in answer.stderr
