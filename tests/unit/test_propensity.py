"""The stored model, applied: what it is made of, what it answers, what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cordboard.encoding import FARTHEST, Number, Text, Texts, columns_of, features_matrix
from cordboard.propensity import Known, Model, ModelError, Offer, score, why_not_used

AGE = Number("tenure_days", unit=100, mean=1.0, scale=2.0, knots=(0.0, 1.0))
SEGMENT = Text("segment", ("gold", "standard"))
MODEL = Model(
    (AGE, SEGMENT),
    {7: Known(80, 8, -1.0, (0.5, 0.0, 0.25, 1.0, 0.0)), 9: Known(0, 0, 5.0, (0,) * 5)},
)
CUSTOMERS = [
    {"tenure_days": 100, "segment": "gold"},
    {"tenure_days": 4000, "segment": "standard"},
    {"tenure_days": None, "segment": "never met before"},
]


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_a_number_is_standardised_and_bent_at_its_knots() -> None:
    matrix = MODEL.matrix(CUSTOMERS)

    first = (math.asinh(1) - 1) / 2
    second = (math.asinh(40) - 1) / 2
    assert matrix.dtype == np.float32
    assert matrix[:, 0].tolist() == pytest.approx([first, second, 0.0], abs=1e-6)
    assert matrix[:, 1].tolist() == pytest.approx([0.0, second, 0.0], abs=1e-6)
    assert matrix[:, 2].tolist() == pytest.approx([0.0, second - 1, 0.0], abs=1e-6)
    assert matrix[:, 3:].tolist() == [[1, 0], [0, 1], [0, 0]]


def test_nothing_is_extrapolated() -> None:
    rows = [{"tenure_days": value, "segment": ""} for value in (1e300, -1e300, math.inf)]

    assert MODEL.matrix(rows)[:, 0].tolist() == [FARTHEST, -FARTHEST, FARTHEST]


def test_columns_of_a_bulk_run_give_the_same_matrix() -> None:
    bulk = {
        "tenure_days": np.array([100, 4000], np.int32),
        "segment": Texts(np.array([1, 0], np.int8), ("standard", "gold")),
    }
    assert (features_matrix(bulk, MODEL.parts) == MODEL.matrix(CUSTOMERS[:2])).all()


def test_p_is_that_of_the_formula_mixed_with_the_prior() -> None:
    found = MODEL.score(MODEL.matrix(CUSTOMERS), [Offer(7, prior_p=0.3, prior_weight=20)])

    age = (math.asinh(40) - 1) / 2
    model = logistic(-1 + 0.5 * age + 0.25 * (age - 1))
    assert found[1, 0] == pytest.approx((20 * 0.3 + 80 * model) / 100, rel=1e-5)


@pytest.mark.parametrize("offer", [8, 9])
def test_an_offer_that_was_never_presented_has_its_prior(offer: int) -> None:
    for weight in (0.0, 20.0):
        found = MODEL.score(MODEL.matrix(CUSTOMERS), [Offer(offer, 0.03, weight)])
        assert found.ravel().tolist() == pytest.approx([0.03] * 3)


def test_without_a_model_all_have_the_prior() -> None:
    found = score(None, {}, 2, [Offer(1, 0.1, 20), Offer(2, 0.4, 0)])

    assert found.tolist() == [pytest.approx([0.1, 0.4])] * 2


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = [Offer(7, 0.1, 20), Offer(8, 0.2, 20)]
    rows = [{"tenure_days": day, "segment": "gold"} for day in range(50)]
    whole = MODEL.score(MODEL.matrix(rows), offers)

    monkeypatch.setattr("cordboard.propensity.CHUNK", 7)

    assert MODEL.score(MODEL.matrix(rows), offers) == pytest.approx(whole)
    assert ((whole > 0) & (whole < 1)).all()


def test_extreme_log_odds_stay_probabilities() -> None:
    model = Model((SEGMENT,), {1: Known(10, 1, 1e6, (0, 0)), 2: Known(10, 1, -1e6, (0, 0))})

    found = model.score(model.matrix(CUSTOMERS), [Offer(1, 0.1, 0), Offer(2, 0.1, 0)])

    assert found[0].tolist() == pytest.approx([1.0, 0.0])


def test_nobody_and_nothing_are_scored_too() -> None:
    assert MODEL.score(MODEL.matrix([]), [Offer(7, 0.1, 20)]).shape == (0, 1)
    assert MODEL.score(MODEL.matrix(CUSTOMERS), []).shape == (3, 0)


def test_stored_parameters_are_the_model_again() -> None:
    assert Model.from_json(MODEL.as_json()) == MODEL


def damaged(**changed: Any) -> dict[str, Any]:
    stored = MODEL.as_json()
    stored["offers"][0].update(changed)
    return stored


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({}, "form None"),
        ({"form": 1}, "parts"),
        ({"form": 1, "parts": [{"attribute": "x"}], "offers": []}, "unit"),
        (damaged(weights=[1, 2]), "2 weights for 5 columns"),
        (damaged(intercept=math.nan), "not a finite number"),
        (damaged(accepted=81), "81 accepted of 80"),
        (damaged(intercept="much"), "much"),
    ],
)
def test_what_is_no_model_is_refused(parameters: dict[str, Any], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        Model.from_json(parameters)


def test_a_model_of_other_attributes_is_not_used() -> None:
    assert why_not_used(MODEL, ["segment", "tenure_days"]) is None

    why = why_not_used(MODEL, ["segment", "region"])

    assert why is not None
    assert "without region" in why
    assert "with tenure_days, which is no attribute now" in why
    assert "cordboard train" in why


def test_values_of_the_wrong_type_are_not_known() -> None:
    found = columns_of([{"tenure_days": "many", "segment": 5}], MODEL.parts)

    assert np.isnan(found["tenure_days"]).all()  # type: ignore[arg-type]
    assert found["segment"].codes.tolist() == [-1]  # type: ignore[union-attr]


def test_texts_where_numbers_are_wanted_are_an_error() -> None:
    with pytest.raises(TypeError, match="tenure_days is a number"):
        features_matrix({"tenure_days": Texts(np.zeros(1, np.int8), ("x",))}, (AGE,))
