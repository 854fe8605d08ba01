"""LEARN: what is presented after 20,000 contacts, against an oracle that knows every probability.

A simulated world (``sim_world.py``) whose truth is not of the form that is learned; its customers
come once each. Ours is the product's own code: ranked by p of the model in use x value, chosen by
``decide`` with Thompson sampling, learned from by the function of ``cordboard train`` after each
thousand contacts, the first thousand with nothing but a prior of 10 % for every offer. A model that
is worse on held-out time than the one in use is not taken, as in production.

Reported is the expected value of a contact by the *true* probabilities, so that no luck of single
answers is in it, as a share of the oracle's in the same world: after the last training on customers
whom nobody has seen, and over all contacts, the dear first ones too. The peers meet the same
customers: the oracle, rank by value only, and any eligible offer at random. Each round is another
world. Nothing of the stack is used.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from multiprocessing import get_context
from statistics import median
from typing import Any

import numpy as np

from bench.learn_plot import draw
from bench.result import Goal, Result
from bench.sim_policies import Ours, at_random, best
from bench.sim_world import Floats, People, World, make_people, make_world
from bench.stage import Stage
from cordboard.decision_facts import Policy

CONTACTS, BETWEEN_TRAININGS, FRESH = 20_000, 1_000, 5_000
POLICY = Policy(exploration="thompson")
#: The world of the first round; the next rounds have the next ones.
FIRST_WORLD = 1
NAMES = ("ours", "value", "random")


@dataclass(slots=True)
class Course:
    """Cents a contact of each policy and of the oracle, by blocks of contacts and at the end."""

    blocks: dict[str, list[float]] = field(default_factory=dict)
    fresh: dict[str, float] = field(default_factory=dict)
    rejected: int = 0
    #: Of the oracle's value, when nothing is explored after the last training.
    unexploring: float = 0.0

    def add(self, worth: dict[str, float]) -> None:
        """One more block."""
        for name, cents in worth.items():
            self.blocks.setdefault(name, []).append(cents)

    def share(self, name: str) -> float:
        """Of the oracle's value over all contacts."""
        return sum(self.blocks[name]) / sum(self.blocks["oracle"])


def measure(stage: Stage) -> list[Result]:
    """Ours against the oracle, against value only, and against random."""
    blocks = stage.samples(CONTACTS // BETWEEN_TRAININGS, least=2)
    stage.say(f"  {stage.rounds} worlds, {blocks} trainings each; no clock runs …")
    worlds = range(FIRST_WORLD, FIRST_WORLD + stage.rounds)
    courses = []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for seed, course in zip(worlds, pool.map(_course, worlds, repeat(blocks)), strict=True):
            share = course.fresh["ours"] / course.fresh["oracle"]
            stage.say(f"    world {seed}: {share:.1%} of the oracle after the last training")
            courses.append(course)
    draw([course.blocks for course in courses], BETWEEN_TRAININGS, stage.say)
    return [
        _result("LEARN", courses, "oracle", "an oracle that knows every probability", 0.9),
        _result("LEARN-value", courses, "value", "rank by value only", 1.0),
        _result("LEARN-random", courses, "random", "any eligible offer, at random", 1.0),
    ]


def _course(seed: int, blocks: int) -> Course:
    """All contacts of one world, with training in between."""
    world, random = make_world(seed), np.random.default_rng(1_000 + seed)
    ours, course = Ours(world, POLICY, seed), Course()
    for _ in range(blocks):
        people = make_people(BETWEEN_TRAININGS, random)
        chosen = ours.choose(people)
        course.add(_worth(world, people, chosen, random))
        rows = np.arange(len(people))
        accepted = random.random(len(people)) < world.truth(people)[rows, chosen]
        ours.learn(people, chosen, accepted)
        ours.train()
    fresh = make_people(FRESH, random)
    course.fresh = _worth(world, fresh, ours.choose(fresh), random)
    course.rejected = ours.rejected
    course.unexploring = _unexploring(world, fresh, ours)
    return course


def _worth(
    world: World, people: People, chosen: Any, random: np.random.Generator
) -> dict[str, float]:
    """True cents a contact of each policy for these customers."""
    worth: Floats = world.truth(people) * world.values
    eligible, rows = world.eligible(people), np.arange(len(people))
    by_value = np.broadcast_to(world.values, worth.shape)
    choices = {
        "ours": chosen,
        "value": best(by_value, eligible),
        "random": at_random(eligible, random),
        "oracle": best(worth, eligible),
    }
    return {name: float(worth[rows, choice].mean()) for name, choice in choices.items()}


def _unexploring(world: World, people: People, ours: Ours) -> float:
    """What ranking by the learned p x value alone brings, of the oracle's value."""
    worth, eligible = world.truth(people) * world.values, world.eligible(people)
    rows = np.arange(len(people))
    ranked = best(ours.says(people) * world.values, eligible)
    return float(worth[rows, ranked].sum() / worth[rows, best(worth, eligible)].sum())


def _result(id_: str, courses: list[Course], peer: str, peer_is: str, least: float) -> Result:
    details: dict[str, Any] = {}
    if peer == "oracle":
        details = {
            "share_after": _medians(lambda c, name: c.fresh[name] / c.fresh["oracle"], courses),
            "share_of_all": _medians(lambda c, name: c.share(name), courses),
            "without_exploring": round(median(course.unexploring for course in courses), 4),
            "rejected_models": [course.rejected for course in courses],
        }
    return Result(
        id=id_,
        what="share of the oracle's value after 20,000 contacts",
        peer_is=peer_is,
        unit="%",
        ours=[100 * course.fresh["ours"] / course.fresh["oracle"] for course in courses],
        peer=[100 * course.fresh[peer] / course.fresh["oracle"] for course in courses],
        goal=Goal(ratio_at_least=least),
        n=len(courses) * len(courses[0].blocks["ours"]) * BETWEEN_TRAININGS,
        details=details,
    )


def _medians(share: Any, courses: list[Course]) -> dict[str, float]:
    """For each policy its share of the oracle's value, the median of the rounds."""
    return {name: round(median(share(course, name) for course in courses), 4) for name in NAMES}
