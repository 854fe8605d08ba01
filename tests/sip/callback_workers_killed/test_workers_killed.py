"""Workers and app are killed while 200 requests are due: Asterisk dials each number exactly once.

The numbers are played by SIPp behind the trunk, all of them busy after a ring. Nothing is tried
again on purpose: who is called twice was so by mistake, and who is not called was forgotten.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest

from cordboard.sipp import eventually
from support.callback_world import ELSEWHERE
from support.database import Json
from support.requests import ask
from support.stack import kill, pid_of, wait_until_back
from support.workers import Workers
from support.world import Given

#: Fictional numbers that nobody in the demo world has.
NUMBERS = [f"+1{area}5550{line}" for area in (414, 608) for line in range(100, 200)]
#: Workers are killed so many times; then the rest is done in peace.
ROUNDS = 12
#: How long that may take, seconds.
WITHIN_S = 30.0
#: Attempts under way at a time; each counts as two legs. Few, so that the work takes a while.
AT_ONCE = 20
#: A phone rings so long before it says that it is busy: some ring whenever the app is killed.
RING_MS = 200
#: The app is killed in these rounds.
APP_ROUNDS = (2, 5)

ATTEMPTS = """
SELECT q.number, q.state::text AS request, a.state::text AS state, a.outcome::text AS outcome
FROM call_request q LEFT JOIN callback_attempt a ON a.request_id = q.id
WHERE q.id = ANY (%s)
"""
#: The limits of a minute and a day count what was claimed in these times.
LONG_AGO = """
UPDATE callback_attempt SET claimed_at = claimed_at - interval '2 days' WHERE request_id = ANY (%s)
"""


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.kill()


@pytest.fixture
def requests(given: Given) -> list[str]:
    """200 requests to numbers that are busy, all due at once; their ids."""
    shop = given.database.value("SELECT id FROM subscriber WHERE code = 'pantry'")
    given.changed(
        "dialling_policy",
        {"subscriber_id": shop},
        calls_from_minute=0,
        calls_until_minute=1440,
        per_subscriber_minute=10_000,
        concurrent_legs=2 * AT_ONCE,
        max_attempts=1,
    )
    given.changed("web_presence", {"subscriber_id": shop}, schedule_id=None)
    # The shop's server has nothing to do with it.
    given.changed("webhook_endpoint", {"subscriber_id": shop}, active=False)
    given.everybody_else(ring_ms=RING_MS, refuse_with=486)
    given.network_opens()
    with given.database.connection.transaction():
        made = [ask(given.database.connection, **ELSEWHERE, number=n).id for n in NUMBERS]
    given.undone(lambda: given.database.connection.execute(LONG_AGO, [made]))
    return made


class Drill:
    """Looks at what became of the requests, and kills those who work at it."""

    def __init__(self, given: Given, requests: list[str], workers: Workers, seed: int) -> None:
        self._given, self._requests, self._workers = given, requests, workers
        self._moments = random.Random(seed)
        self.killed: Counter[str] = Counter()

    def attempts(self) -> list[Json]:
        return self._given.database.rows(ATTEMPTS, self._requests)

    def begun(self) -> int:
        """How many attempts there are."""
        return sum(1 for row in self.attempts() if row["state"])

    def over(self) -> bool:
        """Nothing is left to do."""
        return all(row["request"] == "given_up" for row in self.attempts())

    def one_round(self, *, app: bool) -> None:
        """Workers are killed a moment after a sign that they work, and others come."""
        before = self.begun()
        self._workers.start(1)
        eventually(lambda: self.begun() > before or self.over(), within=20, what="somebody works")
        if app:
            eventually(self._given.switch.channels, within=20, every=0.01, what="a phone rings")
        # Killed at a sign it would always die at the same step: chance, of a fixed seed,
        # says when. Nothing is waited for; what is asserted holds for every moment.
        time.sleep(self._moments.uniform(0, 0.15))
        self._workers.kill()
        for component in ("ari_app", "worker") if app else ("worker",):
            if pid_of(self._given.settings, component):
                with suppress(ProcessLookupError):
                    kill(self._given.settings, component)
                    self.killed[component] += 1


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_is_dialled_once(
    given: Given, requests: list[str], workers: Workers, seed: int
) -> None:
    drill = Drill(given, requests, workers, seed)
    rounds = 0
    while not drill.over() and rounds < ROUNDS:
        rounds += 1
        drill.one_round(app=rounds in APP_ROUNDS)
    workers.start(1)
    eventually(drill.over, within=WITHIN_S, what="all requests are over")
    attempts = drill.attempts()
    print(f"{rounds} rounds, killed {dict(drill.killed)} and {workers.killed} workers of our own;",
          Counter(row["outcome"] for row in attempts))  # fmt: skip

    assert {row["request"] for row in attempts} == {"given_up"}
    assert {row["state"] for row in attempts} == {"ended"}
    assert Counter(row["number"] for row in attempts) == Counter(NUMBERS), "one attempt each"
    assert {row["outcome"] for row in attempts} <= {"busy", "unknown"}
    # Their phones rang when the app was killed, or were about to.
    unknown = {row["number"] for row in attempts if row["outcome"] == "unknown"}
    dialled = given.network_opens().dialled()
    assert max(dialled.values()) == 1, "nobody is called twice"
    assert set(NUMBERS) - unknown <= set(dialled) <= set(NUMBERS), "nobody is forgotten"
    assert drill.killed["ari_app"] == len(APP_ROUNDS)
    assert drill.killed["worker"] + workers.killed >= 2 * max(APP_ROUNDS)
    for component in ("worker", "ari_app"):
        wait_until_back(given.settings, component, killed=0)
