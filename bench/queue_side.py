"""P1's control: the line that leads into Asterisk's own Queue() after the same IVR.

Its dialplan and its queue, and more ports for sound, are written into the running instance
``bench`` only; a later ``cordboard up`` takes them away again.
"""

from __future__ import annotations

import re
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

from bench.stage import NotMeasured, Stage
from cordboard.stack.paths import asterisk_folder, venv_program

QUEUE = "bench"
#: Above the ports that Linux gives to others by itself; two for each leg.
RTP_FIRST, RTP_LAST = 61_000, 65_499

DIALPLAN = """\
; Written by bench/queue_side.py: where calls to the benchmark's control line end.
; CB_HANDED_OVER keeps the hang-up from asking close-call, which calls of the app do not ask either.
[ivr-bench-queue]
include => ivr-events
exten => s,1,Set(CB_SSN=)
 same => n,Set(CB_HANDED_OVER=yes)
 same => n,Queue({queue},,,{announcement},120)
 same => n,Hangup(16)
"""

#: As the ACD serves: who has been idle longest; nobody is rung who is busy; no pause between calls.
CONFIGURATION = """
; Written by bench/queue_side.py.
[{queue}]
strategy = leastrecent
ringinuse = no
autofill = yes
timeout = 20
retry = 1
wrapuptime = 0
musicclass = default
announce-frequency = 0
"""


def open_queue(stage: Stage, phones: Sequence[str], announcement: Path) -> None:
    """Make the line work, with these phones as the queue's members.

    Args:
        announcement: wav file that an agent hears before the caller.
    """
    folder = asterisk_folder(stage.settings) / "etc"
    name = announcement.with_suffix("")
    dialplan = DIALPLAN.format(queue=QUEUE, announcement=name)
    (folder / "extensions.d" / "bench.conf").write_text(dialplan, encoding="utf-8")
    members = "".join(f"member = PJSIP/{phone}\n" for phone in phones)
    queues = folder / "queues.conf"
    ours = CONFIGURATION.format(queue=QUEUE)
    before = queues.read_text(encoding="utf-8").partition(ours)[0]
    queues.write_text(before + ours + members, encoding="utf-8")
    console(stage, "dialplan reload")
    console(stage, "queue reload all")
    if QUEUE not in console(stage, f"queue show {QUEUE}"):
        raise NotMeasured("Asterisk did not take the control's queue; see `cordboard log asterisk`")


def widen_rtp(stage: Stage) -> None:
    """Give Asterisk more ports for sound: those of an instance are enough for 400 legs."""
    path = asterisk_folder(stage.settings) / "etc" / "rtp.conf"
    text = path.read_text(encoding="utf-8")
    for name, port in (("rtpstart", RTP_FIRST), ("rtpend", RTP_LAST)):
        text = re.sub(rf"^{name} *=.*$", f"{name} = {port}", text, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    console(stage, "module reload res_rtp_asterisk.so")


def join(sounds: Sequence[Path], target: Path) -> float:
    """Write the sounds, one after the other, into one wav file; answer its length in seconds."""
    frames = b""
    for sound in sounds:
        with wave.open(str(sound)) as source:
            frames += source.readframes(source.getnframes())
            parameters = source.getparams()
    with wave.open(str(target), "wb") as joined:
        joined.setparams(parameters)
        joined.writeframes(frames)
    second: int = parameters.framerate * parameters.sampwidth * parameters.nchannels
    return len(frames) / second


def completed_calls(stage: Stage) -> int:
    """Calls that the queue has connected to an agent since its last reload, as it counts them."""
    shown = console(stage, f"queue show {QUEUE}")
    return int(shown.partition(", C:")[2].partition(",")[0])


def console(stage: Stage, command: str) -> str:
    """What Asterisk's command line answers."""
    done = subprocess.run(
        [venv_program("cordboard"), "asterisk", command],
        env={"CORDBOARD_INSTANCE": stage.settings.instance, "PATH": "/usr/bin:/bin:/usr/sbin"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    if done.returncode:
        raise NotMeasured(f"`cordboard asterisk {command!r}` failed: {done.stderr[-300:]}")
    return done.stdout
