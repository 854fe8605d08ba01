"""P3: how soon does a page that the agent keys reach the customer's browser?

From: the agent's telephone releases ``#``, the last key of ``*12#`` (its first end packet leaves,
by the system's clock). To: the event ``page.pushed`` is in a script of headless Chromium (by the
page's own clock, whose distance from the system's is taken off). The figure is the 99th percentile,
milliseconds.

The call is real: a request, the callback engine, both phones, sign-on, contact. 1,000 other
visitors have their streams open at the same web desk all the while. The way is Asterisk, the app,
Redis, the web desk. The peer is what could be had at best: the same bytes in the same browser from
a bare server of thirty lines that reads the same Redis stream and has nobody else, in rounds of its
own.
"""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from bench.figures import percentile, share_at_most, summary
from bench.result import Goal, Result
from bench.rounds import alternate
from bench.stage import NotMeasured, Stage
from bench.web_call import SID, WebCall, web_call
from cordboard import keys
from cordboard.demo.browser import NoBrowser, browser_page
from cordboard.sipp import Late, eventually
from webdesk.talk.visitors import cookie_name, sign

#: Pushes of one round, each in a call of its own (SIPp ends after two minutes); streams of others.
COUNT, OTHERS = 60, 1_000
#: Longest time from key to event, seconds.
ARRIVES_S = 5.0
#: A person hears the tone out before keying on, seconds.
LISTENS_S = 0.3
GOAL = Goal(ours_at_most=50)

#: Follows a stream and notes when each push came.
LISTEN = """(url) => new Promise((open, failed) => {
  window.arrivals = [];
  const source = new EventSource(url);
  source.onopen = () => open();
  source.onerror = () => failed(new Error("the stream cannot be opened"));
  source.addEventListener("page.pushed", () => {
    window.arrivals.push(performance.timeOrigin + performance.now());
  });
})"""
#: The arrivals by the system's clock: how far the page's own is ahead of it shows when the
#: system's, which tells whole milliseconds only, has just moved on.
ARRIVALS = """() => {
  let ahead = Infinity;
  const until = performance.now() + 20;
  while (performance.now() < until) {
    ahead = Math.min(ahead, performance.timeOrigin + performance.now() - Date.now());
  }
  return window.arrivals.map((ms) => ms - ahead);
}"""


def measure(stage: Stage) -> list[Result]:
    """One result."""
    others = stage.samples(OTHERS, least=20)
    try:
        with _audience(stage, others):
            ours, peer = alternate(
                lambda: _in_call(stage, _ours),
                lambda: _in_call(stage, _peer),
                rounds=stage.rounds,
                say=stage.say,
            )
    except (Late, NoBrowser) as error:
        raise NotMeasured(str(error)) from error
    return [_result(ours, peer, others)]


def _result(ours: list[list[float]], peer: list[list[float]], others: int) -> Result:
    all_ours = [sample for samples in ours for sample in samples]
    return Result(
        id="P3",
        what=f"page at the browser after # was released, {others:,} other streams, p99",
        peer_is="the same bytes from a bare server of the same Redis stream, nobody else there",
        unit="ms",
        ours=[percentile(samples, 0.99) for samples in ours],
        peer=[percentile(samples, 0.99) for samples in peer],
        goal=GOAL,
        n=len(all_ours),
        details={
            "share_within_50_ms": round(share_at_most(all_ours, 50), 4),
            "other_streams": others,
            "ours_ms": summary(all_ours),
            "peer_ms": summary(sample for samples in peer for sample in samples),
        },
    )


def _in_call(stage: Stage, side: Callable[[Stage, WebCall], list[float]]) -> list[float]:
    with web_call(stage) as call:
        return side(stage, call)


def _ours(stage: Stage, call: WebCall) -> list[float]:
    """Milliseconds of each push of a round, at the visitor's own stream."""
    with browser_page() as page:
        page.context.add_cookies(
            [
                {
                    "name": cookie_name(stage.settings),
                    "value": _cookie(stage, call.visitor),
                    "url": stage.settings.web,
                }
            ]
        )
        page.goto(f"{stage.settings.web}/healthz")
        return _push(stage, call, page, f"/talk/events?sid={SID}")


def _peer(stage: Stage, call: WebCall) -> list[float]:
    """The same at the bare server."""
    stream = keys.visitor(call.visitor)
    command = [sys.executable, "-m", "bench.bare_pop", stage.settings.redis, stream]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            address = f"http://127.0.0.1:{int(server.stdout.readline())}"
            with browser_page() as page:
                page.goto(f"{address}/")
                return _push(stage, call, page, "/events")
        finally:
            server.kill()


def _push(stage: Stage, call: WebCall, page: Page, url: str) -> list[float]:
    page.evaluate(LISTEN, url)
    released = []
    for number in range(1, stage.samples(COUNT, least=5) + 1):
        call.phone.media.key("*12#")
        released.append(call.phone.media.released_at * 1000)
        eventually(
            lambda wanted=number: page.evaluate("window.arrivals.length") >= wanted,
            within=ARRIVES_S,
            what=f"page {number} is at the browser",
        )
        time.sleep(LISTENS_S)
    arrived = page.evaluate(ARRIVALS)
    if len(arrived) != len(released):
        raise NotMeasured(f"{len(released)} pages were keyed and {len(arrived)} arrived")
    return [at - key for at, key in zip(arrived, released, strict=True)]


def _cookie(stage: Stage, visitor: str) -> str:
    return sign(stage.settings, {SID: visitor})


@contextmanager
def _audience(stage: Stage, count: int) -> Iterator[None]:
    """So many other visitors have their streams open."""
    name = cookie_name(stage.settings)
    cookies = [f"{name}={_cookie(stage, str(uuid.uuid4()))}" for _ in range(count)]
    path = stage.folder / "audience.txt"
    path.write_text("\n".join(cookies) + "\n", encoding="ascii")
    command = [sys.executable, "-m", "bench.open_streams", stage.settings.web, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as audience:
        assert audience.stdout is not None
        try:
            if not audience.stdout.readline():
                raise NotMeasured(f"{count} streams could not be opened")
            yield
        finally:
            audience.kill()
