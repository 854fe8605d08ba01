"""P2: is the call on the agent's screen when the phone rings?

From: the INVITE arrives at the agent's phone (SIPp's log of messages). To: headless Chromium has
painted the card (after the frame that holds it, by the page's own clock, whose distance from the
system's clock is taken off). The figure is the 99th percentile of painted minus rung, milliseconds;
not above 50 means that at least 99 of 100 cards are there before, or within 50 ms of, the ring.

The calls are real: trunk, IVR, decision, ACD, card, INVITE; one at a time, to one agent, whose desk
is open and logged in. The caller gives up after a second, so the phone only rings. The INVITE is
the clock on both sides. The peer is what could be painted at best: a page of one line that gets the
same event from the same Redis stream by a server of thirty lines, in the same browser, for calls of
the same kind in rounds of their own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from bench.caller_script import Line
from bench.callers import dial
from bench.figures import percentile, share_at_most, summary
from bench.floor import Floor
from bench.result import Goal, Result
from bench.rings import ring_times
from bench.rounds import alternate
from bench.stage import NotMeasured, Stage
from bench.world import POP_DID, Agent, populate
from cordboard import keys
from cordboard.demo.browser import Album, Desk, NoBrowser, browser_page
from cordboard.sipp import Late, Phone

#: Calls of one round.
COUNT = 45
#: The caller interrupts the welcome, and leaves while the phone rings; seconds after the answer.
KEY_AFTER_S, LEAVE_AFTER_S = 0.2, 1.2
#: A round may lose this share of its calls (a caller gone before the ring) and still count.
LOST = 0.05
#: Longest time for one call, seconds.
CALL_S = 4.0
GOAL = Goal(ours_at_most=50)
PASSWORD = "cordboard-demo"

#: Notes when each call was painted first.
WATCH = """() => {
  window.pops = {};
  const card = document.querySelector("#call");
  new MutationObserver(() => {
    const { call, paintedMs } = card.dataset;
    if (call && !(call in window.pops)) window.pops[call] = Number(paintedMs);
  }).observe(card, { attributes: true, attributeFilter: ["data-painted-ms"] });
}"""
#: The pops by the system's clock: how far the page's own is ahead of it shows when the system's,
#: which tells whole milliseconds only, has just moved on.
POPS = """() => {
  let ahead = Infinity;
  const until = performance.now() + 20;
  while (performance.now() < until) {
    ahead = Math.min(ahead, performance.timeOrigin + performance.now() - Date.now());
  }
  return Object.fromEntries(Object.entries(window.pops).map(([id, ms]) => [id, ms - ahead]));
}"""

OpenPage = Callable[[Page], AbstractContextManager[None]]


def measure(stage: Stage) -> list[Result]:
    """One result."""
    agent = populate(stage.settings)[0]
    try:
        ours, peer = alternate(
            lambda: _round(stage, agent, lambda page: _desk(stage, agent, page)),
            lambda: _round(stage, agent, lambda page: _bare_page(stage, agent, page)),
            rounds=stage.rounds,
            say=stage.say,
        )
    except (Late, NoBrowser) as error:
        raise NotMeasured(str(error)) from error
    return [_result(ours, peer)]


def _result(ours: list[list[float]], peer: list[list[float]]) -> Result:
    all_ours = [sample for samples in ours for sample in samples]
    return Result(
        id="P2",
        what="card painted after the agent's phone rang, p99",
        peer_is="a line of text from the same Redis stream by a bare server, same browser",
        unit="ms",
        ours=[percentile(samples, 0.99) for samples in ours],
        peer=[percentile(samples, 0.99) for samples in peer],
        goal=GOAL,
        n=len(all_ours),
        details={
            "share_within_50_ms": round(share_at_most(all_ours, 50), 4),
            "share_before_the_ring": round(share_at_most(all_ours, 0), 4),
            "ours_ms": summary(all_ours),
            "peer_ms": summary(sample for samples in peer for sample in samples),
        },
    )


def _round(stage: Stage, agent: Agent, open_page: OpenPage) -> list[float]:
    """Milliseconds from ring to paint of each call of a round."""
    count = stage.samples(COUNT, least=5)
    with browser_page() as page, open_page(page), _ringing_phone(stage, agent) as phone:
        page.evaluate(WATCH)
        line = Line(POP_DID, _people(stage.folder), KEY_AFTER_S, 0.5, LEAVE_AFTER_S)
        dial(stage, line, rate=10, calls=count, patience_s=count * CALL_S, at_once=1)
        rings, pops = ring_times(phone.run.log), page.evaluate(POPS)
    both = rings.keys() & pops.keys()
    if len(both) < count * (1 - LOST):
        raise NotMeasured(f"of {count} calls {len(rings)} rang and {len(pops)} were painted")
    return [pops[call] - rings[call] for call in both]


@contextmanager
def _ringing_phone(stage: Stage, agent: Agent) -> Iterator[Phone]:
    """The agent is available, at a phone that rings until the caller leaves."""
    floor = Floor(stage, [agent])
    phone = Phone(stage.settings, agent.phone, ring_ms=None)
    try:
        floor.hire()
        phone.plug_in()
        floor.wait_for("registered", "1", within=10)
        floor.make_ready()
        yield phone
    finally:
        phone.unplug()
        floor.close()


@contextmanager
def _desk(stage: Stage, agent: Agent, page: Page) -> Iterator[None]:
    """The agent's desk, logged in and live."""
    Desk(page, stage.settings.web, Album(stage.folder)).log_in(agent.username, PASSWORD)
    yield


@contextmanager
def _bare_page(stage: Stage, agent: Agent, page: Page) -> Iterator[None]:
    """The peer's page, live."""
    command = [sys.executable, "-m", "bench.bare_pop", stage.settings.redis, keys.desk(agent.id)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            page.goto(f"http://127.0.0.1:{int(server.stdout.readline())}/")
            expect(page.locator("#call")).to_have_attribute("data-link", "live")
            yield
        finally:
            server.kill()


def _people(folder: Path) -> Path:
    """One caller, whose only key is one that interrupts the welcome."""
    path = folder / "person.csv"
    path.write_text("SEQUENTIAL\n+12125550140;1;1\n", encoding="ascii")
    return path
