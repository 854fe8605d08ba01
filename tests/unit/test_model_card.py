"""What is said of a model that is taken, and of one that is not."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from cordboard import model_card
from webdesk.ops.models import label

Json = dict[str, Any]


def card(loss: float, **in_use: Any) -> Json:
    return {
        "log_loss": loss,
        "in_use": {"priors": False, "model": 1, "log_loss": 0.312638, **in_use},
    }


def test_the_examples_hold() -> None:
    assert doctest.testmod(model_card).failed == 0


def test_who_loses_by_a_hair_is_seen_to_lose() -> None:
    said = model_card.verdict(card(0.312641), 4, better=False)
    assert "log loss of 0.312641" in said
    assert "that of model 1 (0.312638), which stays in use" in said


def test_without_a_model_it_has_lost_against_the_priors() -> None:
    lost = card(0.4, priors=True, model=None)
    assert "that of the priors alone (0.3126), which stay in use" in model_card.verdict(
        lost, 2, better=False
    )
    assert label("rejected", lost) == "rejected: worse than the priors alone"
    assert label("rejected", card(0.4)) == "rejected: worse than model 1"
    assert label("in_use", lost) == "in use"


@pytest.mark.parametrize("better", [True, False])
def test_only_one_that_is_taken_learns_from_its_judges(better: bool) -> None:
    found = {
        **card(0.3),
        "counts": {"learn": 70, "calibrate": 15, "judge": 15},
        "times": dict.fromkeys(("from", "judge", "to"), "2026-03-01T00:00:00+00:00"),
        "base": {"rate": 0.2},
    }
    first = next(model_card.lines(found, better))
    assert first.endswith("20.0% were accepted; then learned from these too") == better
