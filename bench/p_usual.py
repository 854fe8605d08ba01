"""USUAL: how often the first suggestion, and one of the first three, is what the client orders.

Generated histories of nine months (``usual_world.py``): eight kinds of clients with habits that are
known, with noise, changes of taste once or with the season, and families at one telephone. They are
replayed in order of time; ours is the product's own function with all that was ordered before, the
peer suggests what was ordered most often ever, the simplest thing that learns. A second peer, what
was ordered last, is in the details. Each round is another world. Nobody can have all of it: one
order in five was never ordered before by that client (``seen_before`` is the rest).

USUAL-change looks only at the second to tenth order after a client's taste has changed. Of whom the
peer is better in these worlds is told as well: clients who pick by whim (``by_kind``).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from statistics import median
from typing import Any

from bench.result import Goal, Result
from bench.stage import Stage
from bench.usual_plot import draw
from bench.usual_replay import POLICIES, Shown, replay, share
from bench.usual_world import KINDS

CLIENTS_OF_A_KIND = 12
FIRST_WORLD = 1
CHANGED = range(2, 11)


def measure(stage: Stage) -> list[Result]:
    """Ours against most frequent ever: first suggestion, first three, after a change of taste."""
    each = stage.samples(CLIENTS_OF_A_KIND, least=2)
    worlds = range(FIRST_WORLD, FIRST_WORLD + stage.rounds)
    stage.say(f"  {stage.rounds} worlds, {each * len(KINDS)} clients each; no clock runs …")
    rounds: list[list[Shown]] = []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for seed, shown in zip(worlds, pool.map(replay, worlds, repeat(each)), strict=True):
            first = {name: share(shown, name, 1) for name in POLICIES}
            stage.say(f"    world {seed}: {first['ours']:.1%}, peer {first['frequent']:.1%}")
            rounds.append(shown)
    draw([one for shown in rounds for one in shown], stage.say)
    changed = [[one for one in shown if one.after_change in CHANGED] for shown in rounds]
    return [
        _result("USUAL", "the first suggestion is what was ordered", rounds, 1, _details(rounds)),
        _result("USUAL-3", "one of the first three is", rounds, 3),
        _result("USUAL-change", "the first is, 2nd to 10th order of a new taste", changed, 1),
    ]


def _result(
    id_: str,
    what: str,
    rounds: Sequence[Sequence[Shown]],
    first: int,
    details: dict[str, Any] | None = None,
) -> Result:
    last = [share(shown, "last", first) for shown in rounds]
    return Result(
        id=id_,
        what=what,
        peer_is="what this client ordered most often ever",
        unit="%",
        ours=[100 * share(shown, "ours", first) for shown in rounds],
        peer=[100 * share(shown, "frequent", first) for shown in rounds],
        goal=Goal(ratio_at_least=1.0),
        n=sum(len(shown) for shown in rounds),
        details={"ordered_last": round(100 * median(last), 3), **(details or {})},
    )


def _details(rounds: Sequence[Sequence[Shown]]) -> dict[str, Any]:
    """What can be had at all, and each kind of client by itself, all rounds together."""
    everything = [one for shown in rounds for one in shown]
    return {
        "seen_before": round(100 * sum(one.seen for one in everything) / len(everything), 3),
        "by_kind": {
            kind: {
                name: round(100 * share([o for o in everything if o.kind == kind], name, 1), 1)
                for name in POLICIES
            }
            for kind in KINDS
        },
    }
