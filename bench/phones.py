"""Agents' phones by the hundred: a SIPp process registers and answers for many of them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
#: Phones in one process. All have registered, and it listens, before Asterisk gives up asking the
#: first of them whether it is there (3 s).
BANK = 100
DONE = '<recv response="200"/>'
#: Registrations per second.
REGISTER_RATE = 100


@contextmanager
def plugged_in(stage: Stage, usernames: Sequence[str], *, talk_s: float) -> Iterator[None]:
    """Phones that answer at once and hang up ``talk_s`` seconds after that.

    Raises:
        NotMeasured: a registration was refused.
    """
    with ExitStack() as banks:
        for first in range(0, len(usernames), BANK):
            banks.enter_context(_bank(stage, usernames[first : first + BANK], talk_s))
        yield


@contextmanager
def _bank(stage: Stage, usernames: Sequence[str], talk_s: float) -> Iterator[None]:
    """Some phones in one process.

    They register from the port where they listen afterwards, because that is where Asterisk rings.
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
    command += ["-trace_err", "-error_file", f"phones-{port}.err"]
    with (folder / f"phones-{port}.out").open("wb") as output:
        return subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)


def _register(stage: Stage, usernames: Sequence[str], port: int, expires_s: int) -> None:
    """Register every phone at ``port``, or with 0 seconds take the registrations back."""
    folder: Path = stage.folder
    contact = f"sip:[field0]@{HOST}:{port}"
    text = scenario.register("[field0]", PASSWORD, contact, expires_s)
    # SIPp does not look for fields inside of this keyword, but for this keyword inside of fields.
    text = text.replace(_proof("[field0]"), "[field1]")
    # On a busy machine the first answer may come twice.
    text = text.replace(DONE, f'<recv response="401" optional="true"/>\n{DONE}')
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
