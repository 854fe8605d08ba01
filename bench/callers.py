"""Callers by the hundred: one SIPp process dials at a rate, one keypad keys for all of them.

SIPp logs a line when a call is answered, with the port where Asterisk wants the digits, and one
when Asterisk hung up. This module reads those lines as they come, keys, and keeps the times.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.keypad import Keypad
from bench.sipp import own
from bench.stage import Stage
from cordboard.sipp import scenario
from cordboard.sipp.caller import TRUNK

#: Pause of the loop that reads SIPp's log and sends digits, seconds.
TICK_S = 0.008

HEADERS = """\
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]>;tag=[pid]-[call_number]
To: <sip:{did}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
Max-Forwards: 70
"""
INVITE = (
    "INVITE sip:{did}@[remote_ip]:[remote_port] SIP/2.0\n"
    + HEADERS.replace("[peer_tag_param]", "")
    + "CSeq: 1 INVITE\nContact: <sip:trunk@[local_ip]:[local_port]>\n"
    + f"Content-Type: application/sdp\nContent-Length: [len]\n\n{scenario.SDP}"
)
ACK = (
    "ACK sip:{did}@[remote_ip]:[remote_port] SIP/2.0\n" + HEADERS + "CSeq: 1 ACK\nContent-Length: 0"
)
ANSWERED = """\
<recv response="200"><action>
<ereg regexp="m=audio ([0-9]+)" search_in="body" assign_to="audio,port"/>
<log message="up [call_number] [field1] [field2] [$port]"/>
</action></recv>
<Reference variables="audio"/>"""
BYE = ACK.replace("ACK", "BYE").replace("CSeq: 1", "CSeq: 2")
OVER = '<nop><action><log message="down [call_number]"/></action></nop>'


@dataclass(frozen=True, slots=True)
class Line:
    """Who dials what, and keys when.

    Attributes:
        did: the number dialled.
        people: SIPp's ``-inf`` file: number, account, SSN of one caller a line.
        key_after_s: from the answer to the first digit of the account, seconds.
        key_between_s: from the last digit of the account to the first of the SSN, seconds.
        leave_after_s: the caller hangs up so long after the answer; None stays to the end.
    """

    did: str
    people: Path
    key_after_s: float
    key_between_s: float
    leave_after_s: float | None = None


def script(line: Line) -> str:
    """Dial, stay until Asterisk hangs up, or leave when it is time."""
    leave_ms = None if line.leave_after_s is None else round(line.leave_after_s * 1000)
    return scenario.scenario(
        "callers",
        scenario.send(INVITE.format(did=line.did), retrans=True),
        *(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 183)),
        ANSWERED,
        scenario.send(ACK.format(did=line.did)),
        scenario.await_end("BYE", next_label="bye", nudged="leave", after_ms=leave_ms),
        scenario.label("bye"),
        OVER,
        scenario.send("SIP/2.0 200 OK\n" + scenario.REPLY_TO_LAST, next_label="end"),
        scenario.label("leave"),
        OVER,
        scenario.send(BYE.format(did=line.did), retrans=True),
        '<recv response="200"/>',
        scenario.label("end"),
    )


@dataclass(slots=True)
class Wave:
    """Calls at one rate, from the first INVITE to the last hang-up.

    Attributes:
        calls: how many were to be made.
        answered: when each was answered, monotonic seconds, by SIPp's number of the call.
        ended: when Asterisk hung up each.
        exit_code: SIPp's: 0 when all calls went as the scenario says.
    """

    calls: int
    answered: dict[int, float] = field(default_factory=dict)
    ended: dict[int, float] = field(default_factory=dict)
    exit_code: int = -1

    @property
    def lengths(self) -> list[float]:
        """Seconds from answer to hang-up of every finished call."""
        return [end - self.answered[call] for call, end in self.ended.items()]

    @property
    def complete(self) -> bool:
        """Whether every call was answered and hung up by Asterisk."""
        return self.exit_code == 0 and len(self.ended) == self.calls

    @property
    def offered_rate(self) -> float:
        """Calls per second that were really started, by the times of their answers."""
        times = sorted(self.answered.values())
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def dial(
    stage: Stage, line: Line, *, rate: float, calls: int, patience_s: float, at_once: int = 0
) -> Wave:
    """Make ``calls`` calls at ``rate`` per second and wait until all are over.

    Args:
        patience_s: a wave that lasts longer is given up, seconds.
        at_once: most calls at the same time; 0 sets no limit.
    """
    folder = stage.folder
    (folder / "callers.xml").write_text(script(line), encoding="utf-8")
    log = folder / "callers.log"
    log.unlink(missing_ok=True)
    keypad = Keypad(TRUNK)
    wave = Wave(calls)
    command = ["sipp", "-sf", "callers.xml", "-inf", str(line.people), *own(TRUNK)]
    command += ["-key", "rtp_port", str(keypad.port), "-trace_err", "-error_file", "callers.err"]
    command += ["-trace_logs", "-log_file", str(log), "-r", f"{rate:.2f}"]
    command += ["-timeout", f"{patience_s:.0f}s", "-timeout_error"]
    command += ["-m", str(calls), "-l", str(at_once or calls)]
    command += [f"127.0.0.1:{stage.settings.port('sip')}"]
    with (folder / "callers.out").open("wb") as output:
        sipp = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        wave.exit_code = _attend(sipp, log, wave, keypad, line)
    finally:
        sipp.kill()
        sipp.wait()
        keypad.close()
    return wave


def _attend(
    sipp: subprocess.Popen[bytes], log: Path, wave: Wave, keypad: Keypad, line: Line
) -> int:
    """Read what SIPp logs and key digits until it ends; answer its exit code."""
    while not log.exists() and sipp.poll() is None:
        time.sleep(TICK_S)
    with log.open(encoding="ascii") as lines:
        over = False
        while not over:
            over = sipp.poll() is not None
            for text in lines:
                _note(text.split(), wave, keypad, line)
            keypad.send_due()
            time.sleep(TICK_S)
    return sipp.returncode


def _note(words: list[str], wave: Wave, keypad: Keypad, line: Line) -> None:
    what, call, *rest = words
    if what == "down":
        wave.ended[int(call)] = time.monotonic()
        return
    wave.answered[int(call)] = time.monotonic()
    account, ssn, port = rest
    keypad.key(
        int(port),
        [account + "#", ssn + "#"],
        after_s=line.key_after_s,
        between_s=line.key_between_s,
    )
