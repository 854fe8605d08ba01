"""How likely a customer takes an offer: the stored model, applied. Numpy only, no I/O.

The model is logistic, with an intercept and weights for each offer that it has seen::

    p(accept | customer x, offer o) = 1 / (1 + exp(-(intercept_o + weights_o . x)))

What offers have in common is learned together and calibration is folded in before the model is
stored (``cordboard/training/``), so that here it is one product of matrices. What the model says is
mixed with the prior of the offer, as the mean of a Beta distribution that begins with ``weight``
presentations at ``p`` and then sees ``n`` more::

    (prior_weight x prior_p + n x model) / (prior_weight + n)

so that an offer which nobody knows yet has its prior.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cordboard.encoding import (
    Columns,
    Floats,
    Number,
    Part,
    Text,
    columns_of,
    features_matrix,
    width,
)

__all__ = [
    "Known",
    "Model",
    "ModelError",
    "Offer",
    "columns_of",
    "features_matrix",
    "score",
    "why_not_used",
]

#: Of the form in which parameters are stored.
FORM = 1
#: Customers that are scored at once: the matrix of so many stays within some tens of megabytes.
CHUNK = 65_536


class ModelError(ValueError):
    """Stored parameters that are no model; the message says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What must be known of an offer to score it.

    Attributes:
        id: ``offer.id``.
        prior_p: probability before anything was learned, between 0 and 1.
        prior_weight: as many presentations is that worth, 0 or more.
    """

    id: int
    prior_p: float
    prior_weight: float


@dataclass(frozen=True, slots=True)
class Known:
    """What the model knows of one offer.

    Attributes:
        presented: answered presentations that it was trained on.
        accepted: those that were accepted.
        intercept: log-odds at the origin.
        weights: one for each column of the matrix.
    """

    presented: int
    accepted: int
    intercept: float
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model.

    Attributes:
        parts: how attributes become columns.
        offers: offer id -> what is known of it.
    """

    parts: tuple[Part, ...]
    offers: Mapping[int, Known]

    @property
    def features(self) -> tuple[str, ...]:
        """The attributes it needs, in order."""
        return tuple(part.attribute for part in self.parts)

    def matrix(self, rows: Sequence[Mapping[str, Any]]) -> Floats:
        """The matrix of customers given as rows."""
        return features_matrix(columns_of(rows, self.parts), self.parts)

    def score(self, matrix: Floats, offers: Sequence[Offer]) -> Floats:
        """p for each customer (row of ``matrix``) and offer, float32, customers x offers."""
        known = [self.offers.get(offer.id) for offer in offers]
        weights = np.zeros((len(offers), width(self.parts)), np.float32)
        for row, one in zip(weights, known, strict=True):
            if one:
                row[:] = one.weights
        intercepts = np.array([one.intercept if one else 0.0 for one in known], np.float32)
        share, rest = _mixture(offers, known)
        found = np.empty((len(matrix), len(offers)), np.float32)
        for at in range(0, len(matrix), CHUNK):
            part = found[at : at + CHUNK]
            np.matmul(matrix[at : at + CHUNK], weights.T, out=part)
            part += intercepts
            _logistic(part)
            part *= share
            part += rest
        return found

    def as_json(self) -> dict[str, Any]:
        """The parameters as they are stored."""
        return {
            "form": FORM,
            "parts": [_part_as_json(part) for part in self.parts],
            "offers": [
                {
                    "id": id_,
                    "presented": known.presented,
                    "accepted": known.accepted,
                    "intercept": known.intercept,
                    "weights": list(known.weights),
                }
                for id_, known in sorted(self.offers.items())
            ],
        }

    @classmethod
    def from_json(cls, parameters: Mapping[str, Any]) -> Model:
        """The model of stored parameters.

        Raises:
            ModelError: they are none; the message says what is wrong.
        """
        if parameters.get("form") != FORM:
            raise ModelError(
                f"parameters have the form {parameters.get('form')!r}, not {FORM}: train again"
            )
        try:
            parts = tuple(_part(one) for one in parameters["parts"])
            offers = {int(one["id"]): _known(one, width(parts)) for one in parameters["offers"]}
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelError(f"parameters are damaged ({error!r:.200}): train again") from error
        return cls(parts, offers)


def score(model: Model | None, columns: Columns, count: int, offers: Sequence[Offer]) -> Floats:
    """p for ``count`` customers x offers; without a model each has the prior of the offer."""
    if model is None:
        priors = np.array([offer.prior_p for offer in offers], np.float32)
        return np.broadcast_to(priors, (count, len(offers))).copy()
    return model.score(features_matrix(columns, model.parts), offers)


def why_not_used(model: Model, attributes: Iterable[str]) -> str | None:
    """Why a model cannot be used with the attributes of today, and what to do; None when it can."""
    then, now = set(model.features), set(attributes)
    if then == now:
        return None
    changes = [f"without {name}" for name in sorted(now - then)]
    changes += [f"with {name}, which is no attribute now" for name in sorted(then - now)]
    return (
        f"The model in use was trained {', '.join(changes)}: priors alone count until"
        " 'cordboard train' has made another."
    )


def _mixture(
    offers: Sequence[Offer], known: Sequence[Known | None]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the model's answer is multiplied by, and what the prior adds, for each offer."""
    weight = np.array([offer.prior_weight for offer in offers], np.float64)
    prior = np.array([offer.prior_p for offer in offers], np.float64)
    seen = np.array([one.presented if one else 0 for one in known], np.float64)
    total = weight + seen
    # An offer with neither a weight nor presentations has nothing but its prior.
    share = np.divide(seen, total, out=np.zeros_like(seen), where=total > 0)
    return share.astype(np.float32), ((1 - share) * prior).astype(np.float32)


def _logistic(values: Floats) -> None:
    """1 / (1 + exp(-x)) in place; far below -80 exp would leave float32."""
    np.clip(values, -80, 80, out=values)
    np.negative(values, out=values)
    np.exp(values, out=values)
    values += 1
    np.reciprocal(values, out=values)


def _part_as_json(part: Part) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"attribute": part.attribute, "words": list(part.words)}
    return {
        "attribute": part.attribute,
        "unit": part.unit,
        "mean": part.mean,
        "scale": part.scale,
        "knots": list(part.knots),
    }


def _part(stored: Mapping[str, Any]) -> Part:
    name = str(stored["attribute"])
    if "words" in stored:
        return Text(name, tuple(str(word) for word in stored["words"]))
    part = Number(
        name,
        _finite(stored["unit"]),
        _finite(stored["mean"]),
        _finite(stored["scale"]),
        tuple(_finite(knot) for knot in stored["knots"]),
    )
    if part.unit <= 0 or part.scale <= 0:
        raise ValueError(f"{name}: unit and scale must be above 0")
    return part


def _known(stored: Mapping[str, Any], columns: int) -> Known:
    weights = tuple(_finite(weight) for weight in stored["weights"])
    if len(weights) != columns:
        raise ValueError(f"offer {stored['id']}: {len(weights)} weights for {columns} columns")
    presented, accepted = int(stored["presented"]), int(stored["accepted"])
    if not 0 <= accepted <= presented:
        raise ValueError(f"offer {stored['id']}: {accepted} accepted of {presented} presented")
    return Known(presented, accepted, _finite(stored["intercept"]), weights)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    return number
