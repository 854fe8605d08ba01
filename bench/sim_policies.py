"""What each policy presents to a customer of the simulated world; ``Ours`` is the product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray

from bench import sim_world
from bench.sim_world import Floats, People, World
from cordboard import propensity
from cordboard.attributes import ATTRIBUTES
from cordboard.decision import Question, decide
from cordboard.decision_facts import Facts, Policy, Ranked
from cordboard.propensity import Model
from cordboard.training.examples import Example
from cordboard.training.train import TooLittle, train

Places = NDArray[np.int64]

#: All of them can be presented: what is simulated is what to offer, not who is free.
FREE = {"desk": {"free": 1, "skills": {}, "wait_s": 0}}
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = {name: one.type for name, one in ATTRIBUTES.items()}


def best(worth: Floats, eligible: NDArray[np.bool_]) -> Places:
    """The eligible offer that is worth most; worth is customers x offers."""
    return np.where(eligible, worth, -1.0).argmax(axis=1)


def at_random(eligible: NDArray[np.bool_], random: np.random.Generator) -> Places:
    """Any eligible offer, all alike."""
    return best(random.random(eligible.shape), eligible)


class Ours:
    """Rank by the model, decide (which explores), learn from the answers, train now and then."""

    def __init__(self, world: World, policy: Policy, seed: int) -> None:
        self._world = world
        self._policy = policy
        self._random = Random(seed)
        self._past: list[Example] = []
        self.model: Model | None = None
        self._judged: Model | None = None
        self.rejected = 0
        self._priors = [
            propensity.Offer(offer.id, sim_world.PRIOR_P, sim_world.PRIOR_WEIGHT)
            for offer in world.offers
        ]

    def choose(self, people: People) -> Places:
        """Each customer's offer, as ``decide`` chooses it: with exploration."""
        p = self.says(people)
        return np.array([self._decide(row, p[at]) for at, row in enumerate(people.rows)], np.int64)

    def says(self, people: People) -> Floats:
        """What is believed of each customer and offer."""
        found = propensity.score(self.model, people.columns, len(people), self._priors)
        return found.astype(np.float64)

    def _decide(self, row: sim_world.Json, p: Floats) -> int:
        order = np.argsort(-p * self._world.values, kind="stable")
        offers = self._world.offers
        facts = Facts(
            customer=1,
            attributes=row,
            offers=offers,
            build=1,
            ranked={
                offers[at].id: Ranked(place, float(p[at])) for place, at in enumerate(order, 1)
            },
            policy=self._policy,
        )
        asked = Question("c", 1, "sim", kinds=("sales",), group="desk", resources=FREE)
        chosen = decide(asked, facts, self._random).chosen["sales"]
        assert chosen is not None
        return chosen - 1

    def learn(self, people: People, chosen: Places, accepted: NDArray[np.bool_]) -> None:
        """Remember the answers of these customers."""
        for row, place, answer in zip(people.rows, chosen, accepted, strict=True):
            at = BEGIN + timedelta(minutes=len(self._past))
            offer = self._world.offers[place].id
            self._past.append(Example(at, offer, bool(answer), row))

    def train(self) -> None:
        """As every night: a model that is worse than the one in use is not taken."""
        try:
            found = train(self._past, self._priors, TYPES, self._judged)
        except TooLittle:
            return
        if found.better:
            self.model, self._judged = found.model, found.judged
            self._weigh(found.model)
        else:
            self.rejected += 1

    def _weigh(self, model: Model) -> None:
        """What a probability stands on, for Thompson sampling, as the decider reads it."""
        seen = {id_: known.presented for id_, known in model.offers.items()}
        self._world = World(_weighed(self._world.offers, seen), self._world.tastes)


def _weighed(
    offers: Sequence[sim_world.Offer], seen: dict[int, int]
) -> tuple[sim_world.Offer, ...]:
    return tuple(
        replace(offer, weight=sim_world.PRIOR_WEIGHT + seen.get(offer.id, 0)) for offer in offers
    )
