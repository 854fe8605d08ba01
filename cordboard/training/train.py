"""The story of one training: divide, encode, fit, calibrate, fit again, judge, compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cordboard import propensity
from cordboard.encoding import Part, columns_of, features_matrix
from cordboard.propensity import Known, Model, Offer
from cordboard.training import judge
from cordboard.training.calibrate import Scaling, calibrate
from cordboard.training.encode import Types, choose_parts
from cordboard.training.examples import Example, Parts, answers, divide, too_little
from cordboard.training.fit import RIDGES, Fit, Ridge, fit

Json = dict[str, Any]
Floats = NDArray[np.float64]
Tell = Callable[[str], None]


class TooLittle(ValueError):
    """Nothing can be learned from so few examples; the message says how many are needed."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A new model, what is known about it, and whether it may replace the one in use.

    Attributes:
        model: it, learned from all examples.
        judged: it without the newest part of time, by which it was judged. The next training
            compares itself with this one, on answers that neither has seen.
        card: what the model card shows.
        better: whether its log loss on held-out time is not above that of the one in use.
    """

    model: Model
    judged: Model
    card: Json
    better: bool


#: Steps that ``train`` tells of: one a ridge, the second fit, the judgement, the last fit.
STEPS = len(RIDGES) + 3


def train(
    examples: Sequence[Example],
    offers: Sequence[Offer],
    types: Types,
    in_use: Model | None,
    tell: Tell = lambda _: None,
) -> Trained:
    """Learn from ``examples``.

    Args:
        examples: in any order.
        offers: those of today with their priors; examples of others still teach what is common.
        types: the attributes of today.
        in_use: the model to beat, as it was judged; None (the priors alone) without one.
        tell: is called before each of ``STEPS`` steps.

    Raises:
        TooLittle: nothing can be learned yet.
    """
    missing = too_little(examples)
    if missing:
        raise TooLittle(missing)
    # Threads would wait for each other's small parts: on a busy machine most of the time.
    with threadpool_limits(1):
        return _train(divide(examples), offers, types, in_use, tell)


def _train(
    parts: Parts, offers: Sequence[Offer], types: Types, in_use: Model | None, tell: Tell
) -> Trained:
    began = time.monotonic()
    columns = choose_parts([one.features for one in parts.learn], types)
    ridge, scaling = _choose(parts, columns, tell)
    tell("learning from more of the time with the best of them")
    judged = _taught([*parts.learn, *parts.calibrate], columns, ridge, scaling)
    tell("judging by the newest answers, which it has not seen")
    card = _card(judged, in_use, parts, offers)
    tell("learning from the newest answers too")
    model = _taught([*parts.learn, *parts.calibrate, *parts.judge], columns, ridge, scaling)
    card |= {
        "seconds": round(time.monotonic() - began, 1),
        "ridge": {"common": ridge.common, "own": ridge.own},
        "scaling": {"slope": scaling.slope, "shift": scaling.shift},
    }
    return Trained(model, judged, card, card["log_loss"] <= card["in_use"]["log_loss"])


def _choose(parts: Parts, columns: tuple[Part, ...], tell: Tell) -> tuple[Ridge, Scaling]:
    """The ridge that does best on time it has not seen, and how its log-odds are to be scaled."""
    x, offer_ids, accepted = (
        _matrix(parts.learn, columns),
        _offers(parts.learn),
        answers(parts.learn),
    )
    later, later_ids = _matrix(parts.calibrate, columns), _offers(parts.calibrate)
    found: list[tuple[float, int, Scaling]] = []
    for number, ridge in enumerate(RIDGES):
        tell(f"learning with ridge {number + 1} of {len(RIDGES)}")
        fitted = fit(x, offer_ids, accepted, _groups(columns), ridge)
        log_odds = fitted.log_odds(later, later_ids)
        scaling = calibrate(log_odds, answers(parts.calibrate))
        loss = judge.log_loss(scaling.of(log_odds), answers(parts.calibrate))
        found.append((loss, number, scaling))
    _, number, scaling = min(found, key=lambda one: one[:2])
    return RIDGES[number], scaling


def _matrix(examples: Sequence[Example], columns: tuple[Part, ...]) -> NDArray[np.float32]:
    return features_matrix(columns_of([one.features for one in examples], columns), columns)


def _taught(
    taught: Sequence[Example], columns: tuple[Part, ...], ridge: Ridge, scaling: Scaling
) -> Model:
    """The model that these examples teach."""
    x, offer_ids = _matrix(taught, columns), _offers(taught)
    fitted = fit(x, offer_ids, answers(taught), _groups(columns), ridge)
    return _model(columns, fitted, scaling, taught)


def _groups(columns: tuple[Part, ...]) -> NDArray[np.int64]:
    """For each column of the matrix the place of its attribute."""
    return np.repeat(np.arange(len(columns)), [part.width for part in columns])


def _offers(examples: Sequence[Example]) -> NDArray[np.int64]:
    return np.array([one.offer for one in examples], np.int64)


def _model(
    columns: tuple[Part, ...], fitted: Fit, scaling: Scaling, taught: Sequence[Example]
) -> Model:
    """What is stored: scaling folded in, and for each offer how often it was seen."""
    offer_ids, accepted = _offers(taught), answers(taught)
    known = {}
    for place, offer in enumerate(fitted.offers):
        seen = offer_ids == offer
        known[offer] = Known(
            presented=int(seen.sum()),
            accepted=int(accepted[seen].sum()),
            intercept=float(scaling.slope * fitted.intercepts[place] + scaling.shift),
            weights=tuple((scaling.slope * fitted.weights[place]).tolist()),
        )
    return Model(columns, known)


def said(model: Model | None, examples: Sequence[Example], offers: Sequence[Offer]) -> Floats:
    """p of each example's offer, as whoever decides would have seen it."""
    ids = sorted({one.offer for one in examples})
    priors = {offer.id: offer for offer in offers}
    # An offer that is gone has no prior any more: the model alone speaks for it.
    asked = [priors.get(id_) or Offer(id_, 0.1, 0.0) for id_ in ids]
    parts = model.parts if model else ()
    columns = columns_of([one.features for one in examples], parts)
    p = propensity.score(model, columns, len(examples), asked)
    places = {id_: place for place, id_ in enumerate(ids)}
    chosen = [places[one.offer] for one in examples]
    return p[np.arange(len(examples)), chosen].astype(np.float64)


def _card(model: Model, in_use: Model | None, parts: Parts, offers: Sequence[Offer]) -> Json:
    accepted = answers(parts.judge)
    p = said(model, parts.judge, offers)
    base = float(answers([*parts.learn, *parts.calibrate]).mean())
    return {
        **judge.measures(p, accepted),
        "in_use": judge.measures(said(in_use, parts.judge, offers), accepted)
        | {"priors": in_use is None},
        "base": {
            "rate": float(accepted.mean()),
            "log_loss": judge.log_loss(np.full_like(accepted, base), accepted),
        },
        "calibration": judge.calibration(p, accepted),
        "lift": judge.lift(p, accepted),
        "counts": {name: len(getattr(parts, name)) for name in ("learn", "calibrate", "judge")},
        "accepted": {
            name: int(answers(getattr(parts, name)).sum())
            for name in ("learn", "calibrate", "judge")
        },
        "times": {
            "from": parts.learn[0].at.isoformat(),
            "calibrate": parts.calibrate[0].at.isoformat(),
            "judge": parts.judge[0].at.isoformat(),
            "to": parts.judge[-1].at.isoformat(),
        },
        "offers": _per_offer(model, parts.judge, p),
    }


def _per_offer(model: Model, judged: Sequence[Example], p: Floats) -> list[Json]:
    """For each offer what the model saw, and what it said and met in held-out time."""
    offer_ids, accepted = _offers(judged), answers(judged)
    found = []
    for id_ in sorted({*model.offers, *offer_ids.tolist()}):
        known = model.offers.get(id_)
        here = offer_ids == id_
        found.append(
            {
                "id": id_,
                "presented": known.presented if known else 0,
                "accepted": known.accepted if known else 0,
                "judged": int(here.sum()),
                "judged_accepted": int(accepted[here].sum()),
                "said": float(p[here].mean()) if here.any() else None,
            }
        )
    return found
