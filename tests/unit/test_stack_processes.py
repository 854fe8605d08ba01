"""Reading the kernel's tables of processes and ports."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from cordboard.settings import Settings
from cordboard.stack import ports, processes
from cordboard.stack.errors import StackError


def test_this_process_reads_itself() -> None:
    found = processes.read(os.getpid())
    assert found is not None
    assert found.parent == os.getppid()
    assert found.session == os.getsid(0)
    assert processes.is_same(found)


def test_a_process_that_ended_is_nobody() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert processes.read(child.pid) is None


def test_stop_all_ends_what_ignores_a_polite_request() -> None:
    child = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo; exec sleep 60"], stdout=subprocess.PIPE
    )
    assert child.stdout
    child.stdout.readline()
    found = processes.read(child.pid)
    assert found is not None
    assert processes.stop_all([found], seconds=0.2) == []
    child.communicate()
    assert child.returncode == -9


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_the_holder_of_a_port_is_named(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as held:
        held.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            held.listen()
        transport = "tcp" if kind == socket.SOCK_STREAM else "udp"
        holder = ports.holder_of(held.getsockname()[1], transport)
    assert f"(process {os.getpid()})" in holder


def test_a_taken_port_is_an_error_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        base = held.getsockname()[1] - 79
        with pytest.raises(StackError, match=rf"redis cannot start: port {base + 79}") as caught:
            ports.must_be_free(Settings(port_base=base), "redis")
    assert "CORDBOARD_PORT_BASE" in caught.value.hint


def test_a_free_port_has_no_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert ports.holder_of(port, "tcp") == ""


def test_a_block_with_one_port_taken_is_not_free() -> None:
    base = ports.free_block()
    assert ports.block_is_free(base)
    with socket.create_server(("127.0.0.1", base + 999)):
        assert not ports.block_is_free(base)
        assert ports.free_block() != base
