"""One SIPp process: started with a time-out, nudged, awaited, and never left behind."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cordboard.sipp import messages
from cordboard.sipp.ports import free_port, is_bound
from cordboard.sipp.waiting import Late, eventually

_numbers = itertools.count(1)

#: Seconds after which SIPp itself gives up, whatever happens to the process that started it.
LONGEST = 300

#: Somebody may take a port between our looking at it and SIPp's binding it.
START_TRIES = 3


@dataclass(slots=True)
class SippRun:
    """A run of one scenario.

    Attributes:
        scenario: text of the scenario file.
        folder: where the run's own folder (scenario, message log, error log) is made.
        remote: host:port of Asterisk; "" for a server scenario.
        host: local address; 127.0.0.2 is the trunk, 127.0.0.1 an agent.
        name: for the folder's name.
        rtp_port: media port named in the SDP.
        calls: how many calls it makes, 0 for as many as come.
        port: local port; 0 is a free one.
        longest_s: SIPp gives up by itself after so many seconds.
    """

    scenario: str
    folder: Path
    remote: str = ""
    host: str = "127.0.0.1"
    name: str = "sipp"
    rtp_port: int = 9
    calls: int = 1
    port: int = 0
    longest_s: int = LONGEST
    log: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.folder = self.folder / f"{self.name}-{os.getpid()}-{next(_numbers)}"
        self.port = self.port or free_port(self.host)
        self.log = self.folder / "messages.log"

    @property
    def call_id(self) -> str:
        """Call-ID of the one call that a run makes."""
        return f"{self.folder.name}@{self.host}"

    def start(self) -> SippRun:
        """Start SIPp and wait until it listens.

        Raises:
            Late: it does not listen after 10 s.
            AssertionError: it ended at once; the message has what it complained of.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "scenario.xml").write_text(self.scenario, encoding="utf-8")
        for _ in range(START_TRIES):
            self._launch()
            if self.running or "Unable to bind" not in self.complaint():
                break
        assert self.running or self.wait(0) == 0, f"{self.name}: {self.complaint()}"
        return self

    def _launch(self) -> None:
        with (self.folder / "stderr.log").open("wb") as complaints:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
            )
        eventually(
            lambda: is_bound(self.port) or not self.running,
            within=10,
            every=0.01,
            what=f"SIPp listens on {self.port}",
        )

    def _command(self) -> list[str]:
        command = ["sipp", "-sf", "scenario.xml", "-i", self.host, "-p", str(self.port)]
        # SIPp binds ports for sound and video even when it sends none.
        command += ["-mp", str(free_port(self.host, block=4)), "-cp", str(free_port(self.host))]
        command += ["-cid_str", self.call_id] if self.calls == 1 else []
        command += ["-key", "rtp_port", str(self.rtp_port), "-aa", "-nostdin"]
        command += ["-timeout", f"{self.longest_s}s", "-timeout_error"]
        command += ["-trace_msg", "-message_file", str(self.log), "-trace_err"]
        command += ["-error_file", str(self.folder / "errors.log")]
        command += ["-m", str(self.calls), "-l", str(self.calls)] if self.calls else []
        return [*command, self.remote] if self.remote else command

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def messages(self) -> list[messages.Message]:
        """Everything sent and received so far."""
        return messages.read(self.log)

    def nudge(self, call_id: str) -> None:
        """Tell the scenario of this dialogue to go on: answer, or hang up."""
        text = (
            # SIPp takes two equal messages for one that was repeated, hence the branch.
            f"MESSAGE sip:{self.host}:{self.port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-{next(_numbers)}\r\n"
            "From: <sip:nudge@127.0.0.1>;tag=1\r\nTo: <sip:nudged@127.0.0.1>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.sendto(text.encode(), (self.host, self.port))

    def wait(self, within: float) -> int:
        """SIPp's exit code (0: every call went as the scenario says).

        Raises:
            Late: it still runs.
        """
        assert self._process is not None, "not started"
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise Late(f"{self.name} still runs after {within:g} s; see {self.folder}") from None

    def finish(self, within: float = 5.0) -> int:
        """Take no more calls, wait for those that run, answer the exit code."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGUSR1)
        return self.wait(within)

    def kill(self) -> None:
        """Make sure that nothing of this run is left."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(5)

    def complaint(self) -> str:
        """What SIPp wrote about errors, shortened."""
        return " | ".join(self._complaints())[:2000]

    def _complaints(self) -> Iterator[str]:
        for name in ("errors.log", "stderr.log"):
            file = self.folder / name
            if file.exists() and (text := file.read_text(errors="replace").strip()):
                yield f"{name}: {text}"
