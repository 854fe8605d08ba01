"""Callers by the hundred: one SIPp process dials at a rate, one keypad keys for all of them.

SIPp logs a line when a call is answered, with the port where Asterisk wants the digits, and one
when Asterisk hung up. This module reads those lines as they come, keys, and keeps the times.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.caller_script import Line, script
from bench.keypad import Keypad
from bench.sipp import own
from bench.stage import NotMeasured, Stage
from cordboard.sipp.caller import TRUNK

#: Pause of the loop that reads SIPp's log and sends digits, seconds.
TICK_S = 0.008
#: How often SIPp is started, and after how many seconds it counts as started.
STARTS, STARTED_S = 3, 2.0


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

    Raises:
        NotMeasured: SIPp does not start.
    """
    (stage.folder / "callers.xml").write_text(script(line), encoding="utf-8")
    options = ["-r", f"{rate:.2f}", "-m", str(calls), "-l", str(at_once or calls)]
    options += ["-timeout", f"{patience_s:.0f}s", "-timeout_error"]
    for _ in range(STARTS):
        started = time.monotonic()
        wave = _run(stage, line, Wave(calls), options)
        # A port that was free a moment ago may not be any more.
        if wave.answered or time.monotonic() - started > STARTED_S:
            return wave
    said = (stage.folder / "callers.out").read_text(encoding="utf-8", errors="replace")
    raise NotMeasured(f"SIPp does not start: {said[-300:]}")


def _run(stage: Stage, line: Line, wave: Wave, options: list[str]) -> Wave:
    """One SIPp process, from its start to its end."""
    folder = stage.folder
    log = folder / "callers.log"
    log.unlink(missing_ok=True)
    keypad = Keypad(TRUNK)
    command = ["sipp", "-sf", "callers.xml", "-inf", str(line.people), *own(TRUNK)]
    command += ["-key", "rtp_port", str(keypad.port), "-trace_err", "-error_file", "callers.err"]
    command += ["-trace_logs", "-log_file", str(log), *options]
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
