"""P1's two sides: each sends a wave of calls at a rate, and judges whether the rate held."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psycopg
from psycopg.rows import dict_row

from bench import queue_side
from bench.caller_script import Line
from bench.callers import Wave, dial
from bench.figures import percentile
from bench.floor import Floor
from bench.stage import NotMeasured, Stage
from bench.world import OURS_DID, PEER_DID, sql
from cordboard.sipp import Late, eventually

#: Seconds during which the calls of a wave are started; longer than a call lasts.
WAVE_S = 25.0
#: How much longer than on the idle system a call may last, seconds.
LATE_S = 1.5
#: The wave that shows how long a call lasts: calls, and calls per second.
CALM, CALM_RATE = 12, 2.0
#: Time after the last start within which a wave must be over, seconds.
PATIENCE_S = 45.0
#: SIPp may fall behind its rate by this share, or the wave does not count.
BEHIND = 0.05
#: How long the journal may take to bring a wave's last calls to PostgreSQL, seconds.
JOURNAL_S = 15.0

#: Keying: a second after the answer the number has been looked up and the account is asked for;
#: the account has been looked up 0.6 s after its last digit.
KEY_AFTER_S, KEY_BETWEEN_S = 1.0, 0.6

#: Calls of both sides must be alike, but for this share: in length, and in packets, which the whole
#: machine sends (hundreds of phones are asked every half minute whether they are there).
ALIKE_S, ALIKE_PACKETS = 0.05, 0.3

Record = dict[str, int]


def datagrams_sent() -> int:
    """UDP datagrams that this machine has sent: SIP, and the sound that callers and agents hear."""
    heads, counts = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if "Udp:" in line
    )
    return int(counts[heads.index("OutDatagrams")])


def must_play_the_same(sides: tuple[Side, Side]) -> None:
    """Refuse a comparison in which one side leaves out sound that the other plays.

    Raises:
        NotMeasured: calls of the two sides differ in length or packets.
    """
    one, other = sides
    for what, a, b, alike in (
        ("seconds", one.usual_s, other.usual_s, ALIKE_S),
        ("packets", one.packets, other.packets, ALIKE_PACKETS),
    ):
        if abs(a - b) > alike * max(a, b):
            raise NotMeasured(
                f"a call takes {a:.1f} {what} on our side and {b:.1f} on the other:"
                " they do not play the same, or something else uses the network"
            )


class Side(ABC):
    """One of the two ways that a call can take."""

    name = ""
    did = ""

    def __init__(self, stage: Stage, floor: Floor, people: Path) -> None:
        self._stage, self._floor = stage, floor
        self._line = Line(self.did, people, KEY_AFTER_S, KEY_BETWEEN_S)
        self.usual_s = 0.0
        self.packets = 0
        self.calls = 0

    @abstractmethod
    def complaint(self, wave: Wave, record: Record) -> str:
        """What the records of a complete wave say against it, "" when nothing."""

    def learn_length(self) -> None:
        """Find out how long a call lasts on the idle system, and how many packets it takes.

        Raises:
            NotMeasured: even single calls do not succeed.
        """
        before = datagrams_sent()
        wave, problem = self._send(CALM_RATE, CALM)
        if problem:
            raise NotMeasured(f"{self.name}: a few single calls: {problem}")
        self.usual_s = median(wave.lengths)
        self.packets = round((datagrams_sent() - before) / CALM)
        self._stage.say(
            f"  {self.name}: a call takes {self.usual_s:.1f} s and {self.packets} packets when idle"
        )

    def holds(self, rate: float) -> bool:
        """Whether this many calls per second are served as they should be."""
        count = math.ceil(rate * self._stage.scale * WAVE_S)
        wave, problem = self._send(rate, count)
        problem = problem or self._lateness(wave) or self._slowness(wave, rate)
        self._stage.say(f"    {rate:5.1f} calls/s: {problem or 'holds'}")
        self.calls += count
        return not problem

    def _send(self, rate: float, count: int) -> tuple[Wave, str]:
        """Send a wave on a quiet system; answer it with what was wrong with it."""
        self._floor.make_ready()
        began = datetime.now(UTC)
        wave = dial(
            self._stage,
            self._line,
            rate=rate,
            calls=count,
            patience_s=count / rate + PATIENCE_S,
        )
        if not wave.complete:
            return wave, f"{len(wave.ended)} of {count} calls ended well"
        try:
            eventually(lambda: not self._judged(wave, began), within=JOURNAL_S, every=0.3)
        except Late:
            return wave, self._judged(wave, began)
        return wave, ""

    def _judged(self, wave: Wave, began: datetime) -> str:
        record = self._record(began)
        if record["verified"] != wave.calls:
            return f"{record['verified']} of {wave.calls} callers were verified"
        return self.complaint(wave, record)

    def _record(self, began: datetime) -> Record:
        """What PostgreSQL knows of the wave."""
        database = self._stage.settings.database
        with psycopg.connect(database, row_factory=dict_row) as connection:
            row = connection.execute(sql.calls_since, {"dnis": self.did, "since": began}).fetchone()
        assert row is not None
        return row

    def _lateness(self, wave: Wave) -> str:
        late_s = percentile(wave.lengths, 1) - self.usual_s
        return f"a call lasted {late_s:.1f} s too long" if late_s > LATE_S else ""

    def _slowness(self, wave: Wave, rate: float) -> str:
        reached = wave.offered_rate
        return f"only {reached:.1f} came in" if reached < rate * (1 - BEHIND) else ""


class Ours(Side):
    """Into the app: decision, ACD, desk."""

    name, did = "ours", OURS_DID

    def complaint(self, wave: Wave, record: Record) -> str:
        """Every call was answered, at the first attempt to ring an agent."""
        if record["answered"] != wave.calls:
            return f"{record['answered']} of {wave.calls} calls were answered by an agent"
        if record["agent_legs"] != wave.calls:
            return f"agents were rung {record['agent_legs']} times for {wave.calls} calls"
        return ""


class Control(Side):
    """Into Asterisk's Queue()."""

    name, did = "Queue()", PEER_DID

    def _send(self, rate: float, count: int) -> tuple[Wave, str]:
        self._completed_before = queue_side.completed_calls(self._stage)
        return super()._send(rate, count)

    def complaint(self, wave: Wave, _record: Record) -> str:
        """The queue connected every call."""
        completed = queue_side.completed_calls(self._stage) - self._completed_before
        return "" if completed == wave.calls else f"{completed} of {wave.calls} calls were answered"
