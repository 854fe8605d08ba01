"""The world of known truth: it is the same each time, and the policies choose what they say."""

from __future__ import annotations

import numpy as np

from bench.sim_policies import Ours, at_random, best
from bench.sim_world import make_people, make_world
from cordboard.attributes import ATTRIBUTES
from cordboard.decision_facts import Policy

WORLD = make_world(1)
PEOPLE = make_people(60, np.random.default_rng(5))
TRUTH, ELIGIBLE = WORLD.truth(PEOPLE), WORLD.eligible(PEOPLE)
ROWS = np.arange(len(PEOPLE))


def test_a_seed_is_a_world() -> None:
    assert (make_world(1).truth(PEOPLE) == TRUTH).all()
    assert (make_world(2).truth(PEOPLE) != TRUTH).any()


def test_the_truth_is_of_probabilities_and_differs_between_people_and_offers() -> None:
    assert ((TRUTH > 0) & (TRUTH < 1)).all()
    assert len(set(best(TRUTH * WORLD.values, ELIGIBLE))) > 3
    assert not ELIGIBLE.all()
    assert ELIGIBLE.any(axis=1).all()


def test_people_have_every_attribute() -> None:
    assert list(PEOPLE.columns) == list(ATTRIBUTES)
    assert {type(PEOPLE.rows[0][name]) for name in ATTRIBUTES} == {int, str, bool}


def test_nobody_beats_the_oracle_and_nobody_breaks_the_rules() -> None:
    worth = TRUTH * WORLD.values
    oracle = worth[ROWS, best(worth, ELIGIBLE)]
    ours = Ours(WORLD, Policy(exploration="epsilon", explore_share=0.5), seed=3)
    for chosen in (ours.choose(PEOPLE), at_random(ELIGIBLE, np.random.default_rng(1))):
        assert ELIGIBLE[ROWS, chosen].all()
        assert (worth[ROWS, chosen] <= oracle).all()


def test_without_a_model_ours_ranks_by_value_and_does_not_learn_from_too_little() -> None:
    ours = Ours(WORLD, Policy(), seed=3)
    chosen = ours.choose(PEOPLE)
    assert (chosen == best(np.broadcast_to(WORLD.values, TRUTH.shape), ELIGIBLE)).all()

    ours.learn(PEOPLE, chosen, np.zeros(len(PEOPLE), np.bool_))
    ours.train()

    assert ours.model is None
