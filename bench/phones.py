"""Agents' phones by the hundred: one SIPp process registers them all and answers for all."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.sipp import own
from bench.stage import NotMeasured, Stage
from cordboard.sipp import scenario
from cordboard.sipp.ports import free_port, is_bound
from cordboard.sipp.waiting import eventually

HOST = "127.0.0.1"
#: Password of every phone of the demo world, and of the benchmarks' phones.
PASSWORD = "phone-demo"
EXPIRES_S = 3600
#: Registrations per second: all must be there before Asterisk asks the first phone again (3 s).
REGISTER_RATE = 400


@contextmanager
def plugged_in(stage: Stage, usernames: Sequence[str], *, talk_s: float) -> Iterator[None]:
    """Phones that answer at once and hang up ``talk_s`` seconds after that.

    They register from the port where they listen afterwards, because that is where Asterisk rings.

    Raises:
        NotMeasured: a registration was refused.
    """
    port = free_port(HOST)
    _register(stage, usernames, port, EXPIRES_S)
    sipp = _listen(stage, port, talk_s)
    try:
        eventually(lambda: is_bound(port), within=5, what="the agents' phones listen")
        yield
    finally:
        sipp.kill()
        sipp.wait()
    _register(stage, usernames, port, 0)


def _listen(stage: Stage, port: int, talk_s: float) -> subprocess.Popen[bytes]:
    """Start the process that answers."""
    folder = stage.folder
    text = scenario.phone(ring_ms=0, refuse_with=None, talk_ms=round(talk_s * 1000))
    (folder / "phones.xml").write_text(text, encoding="utf-8")
    command = ["sipp", "-sf", "phones.xml", *own(HOST, port), "-aa", "-key", "rtp_port", "9"]
    command += ["-trace_err", "-error_file", "phones.err"]
    with (folder / "phones.out").open("wb") as output:
        return subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)


def _register(stage: Stage, usernames: Sequence[str], port: int, expires_s: int) -> None:
    """Register every phone at ``port``, or with 0 seconds take the registrations back."""
    folder: Path = stage.folder
    contact = f"sip:[field0]@{HOST}:{port}"
    text = scenario.register("[field0]", PASSWORD, contact, expires_s)
    # SIPp does not look for fields inside of this keyword, but for this keyword inside of fields.
    text = text.replace(_proof("[field0]"), "[field1]")
    (folder / "register.xml").write_text(text, encoding="utf-8")
    rows = "".join(f"{name};{_proof(name)}\n" for name in usernames)
    (folder / "phones.csv").write_text(f"SEQUENTIAL\n{rows}", encoding="ascii")
    command = ["sipp", "-sf", "register.xml", "-inf", "phones.csv", *own(HOST, port)]
    command += ["-r", str(REGISTER_RATE), "-m", str(len(usernames)), "-timeout", "30s"]
    command += ["-timeout_error", f"{HOST}:{stage.settings.port('sip')}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60)
    if done.returncode:
        said = done.stderr.decode(errors="replace")[-300:]
        raise NotMeasured(f"agents' phones could not register: {said}; see {folder}")


def _proof(username: str) -> str:
    return f"[authentication username={username} password={PASSWORD}]"
