"""Training against a truth that the test knows: it is found, and nothing is found in noise."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from cordboard.propensity import Model
from cordboard.training import judge
from cordboard.training.calibrate import calibrate, logistic
from cordboard.training.encode import Types, choose_parts
from cordboard.training.examples import FEWEST, Example, divide, too_little
from cordboard.training.train import STEPS, TooLittle, Trained, said, train
from support.presentations import OFFERS, TYPES, examples, truth


@pytest.fixture(scope="module")
def past() -> list[Example]:
    return examples(4000)


@pytest.fixture(scope="module")
def trained(past: list[Example]) -> Trained:
    return train(past, OFFERS, TYPES, None)


def test_the_truth_is_found(trained: Trained) -> None:
    fresh = examples(1500, seed=2)
    told = np.array([truth(one.offer, dict(one.features)) for one in fresh])
    p = said(trained.model, fresh, OFFERS)

    assert np.corrcoef(p, told)[0, 1] > 0.9
    assert np.abs(p - told).mean() < 0.04
    assert trained.better
    assert trained.card["auc"] > 0.65
    assert trained.card["log_loss"] < trained.card["base"]["log_loss"]


def test_the_card_counts_what_was_used(trained: Trained, past: list[Example]) -> None:
    card = trained.card
    assert card["counts"] == {"learn": 2800, "calibrate": 600, "judge": 600}
    assert sum(row["n"] for row in card["calibration"]) == 600
    assert sum(row["presented"] for row in card["offers"]) == 3400
    assert sum(known.presented for known in trained.model.offers.values()) == 4000
    assert [row["p"] for row in card["calibration"]] == sorted(
        row["p"] for row in card["calibration"]
    )
    assert card["lift"][0]["lift"] > 1.3 > 0.7 > card["lift"][-1]["lift"]
    assert card["times"]["to"] == past[-1].at.isoformat()


def test_nothing_later_teaches_about_earlier(past: list[Example]) -> None:
    shuffled = Random(3).sample(past, len(past))
    parts = divide(shuffled)

    assert max(one.at for one in parts.learn) < min(one.at for one in parts.calibrate)
    assert max(one.at for one in parts.calibrate) < min(one.at for one in parts.judge)


def test_a_worse_model_is_told_from_the_one_in_use(trained: Trained, past: list[Example]) -> None:
    """What was learned from turned answers is worse where the answers are right again."""
    newest = len(divide(past).judge)
    turned = [replace(one, accepted=not one.accepted) for one in past[:-newest]]

    other = train([*turned, *past[-newest:]], OFFERS, TYPES, trained.judged)

    assert not other.better
    assert other.card["log_loss"] > other.card["in_use"]["log_loss"]
    assert not other.card["in_use"]["priors"]


def test_in_noise_nothing_is_found() -> None:
    random = Random(5)
    noise = [replace(one, accepted=random.random() < 0.2) for one in examples(1500, seed=4)]

    card = train(noise, OFFERS, TYPES, None).card

    assert abs(card["auc"] - 0.5) < 0.12
    assert card["log_loss"] == pytest.approx(card["base"]["log_loss"], abs=0.02)


def test_one_offer_alone_can_be_learned() -> None:
    told: list[str] = []
    found = train(examples(900, offers=[1]), OFFERS[:1], TYPES, None, told.append)

    gold, other = ({"segment": word, "tenure_days": 1} for word in ("gold", "silver"))
    p = found.model.score(found.model.matrix([gold, other]), OFFERS[:1])
    assert p[0, 0] > 2 * p[1, 0]
    assert len(told) == STEPS


def test_an_offer_that_is_gone_teaches_but_is_not_asked_for(past: list[Example]) -> None:
    found = train(past[:1500], OFFERS[:2], TYPES, None)

    assert set(found.model.offers) == {1, 2, 3}
    assert [row["id"] for row in found.card["offers"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("some", "says"),
    [
        ([], f"0 answered presentations.*{FEWEST} are needed"),
        (examples(299), "299 answered.*1 more"),
        ([replace(one, accepted=True) for one in examples(400)], "0 were not accepted"),
        ([replace(one, accepted=False) for one in examples(400)], "0 were accepted"),
        (
            [replace(one, accepted=number < 100) for number, one in enumerate(examples(400))],
            "part of time to calibrate with.*0 accepted of 60",
        ),
    ],
    ids=["none", "few", "all accepted", "none accepted", "none accepted lately"],
)
def test_too_little_says_what_is_missing(some: list[Example], says: str) -> None:
    with pytest.raises(TooLittle, match=says):
        train(some, OFFERS, TYPES, None)
    assert too_little(some) is not None


def test_attributes_that_tell_nothing_do_no_harm(past: list[Example]) -> None:
    types: Types = {**TYPES, "language": "text", "accounts": "number", "unheard": "number"}
    same = [replace(one, features={**one.features, "accounts": 1}) for one in past[:1000]]

    model = train(same, OFFERS, types, None).model

    assert model.features == tuple(types)
    assert np.isfinite(model.score(model.matrix([{}]), OFFERS)).all()
    assert Model.from_json(model.as_json()) == model


def test_words_that_were_hardly_met_get_no_column() -> None:
    rows = [{"segment": "gold"}] * 10 + [{"segment": "rare"}] * 9 + [{"segment": None}]

    (part,) = choose_parts(rows, {"segment": "text"})

    assert part.words == ("gold",)  # type: ignore[union-attr]


def test_calibration_makes_bold_log_odds_honest() -> None:
    random = np.random.default_rng(7)
    honest = random.normal(-1.5, 1.0, 5000)
    accepted = (random.random(5000) < logistic(honest)).astype(np.float64)

    scaling = calibrate(3 * honest + 2, accepted)

    assert scaling.slope == pytest.approx(1 / 3, abs=0.04)
    assert scaling.of(3 * honest + 2).mean() == pytest.approx(accepted.mean(), abs=0.002)


def test_what_is_worse_than_chance_becomes_the_mean() -> None:
    random = np.random.default_rng(8)
    honest = random.normal(0, 2.0, 2000)
    accepted = (random.random(2000) < logistic(honest)).astype(np.float64)

    scaling = calibrate(-honest, accepted)

    assert scaling.slope == 0
    assert scaling.of(honest)[0] == pytest.approx(accepted.mean())


def test_measures_of_a_case_that_can_be_counted_by_hand() -> None:
    p, accepted = np.array([0.8, 0.6, 0.4, 0.2]), np.array([1.0, 0.0, 1.0, 0.0])

    found = judge.measures(p, accepted)

    # Of the four pairs of a taken and a refused one, three are in the right order.
    assert found["auc"] == pytest.approx(0.75)
    assert found["brier"] == pytest.approx((0.04 + 0.36 + 0.36 + 0.04) / 4)
    assert found["log_loss"] == pytest.approx(-(2 * math.log(0.8) + 2 * math.log(0.4)) / 4)
    assert math.isfinite(judge.log_loss(np.array([0.0]), np.array([1.0])))
