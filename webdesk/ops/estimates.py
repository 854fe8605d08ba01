"""What other policies would have been worth, estimated from what was presented and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, render_template

from cordboard import offline
from cordboard.offline import POLICIES
from cordboard.propensity import Model, Offer
from db.models import InUse, model_in_use
from db.queries import sql
from webdesk.off_the_loop import off_the_loop
from webdesk.ops import asking
from webdesk.ops.menu import READERS
from webdesk.services import POOL_WAIT_S, services
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("estimates", __name__, url_prefix="/estimates")

#: The newest presentations that are looked at.
MOST = 5_000
LONGEST_BAR = 600

LABELS = {
    "model": (
        "Expected value by the model of today",
        "without exploring; judged by answers that it had not seen",
    ),
    "expected_value": ("Expected value as believed then", "the policy of then, without exploring"),
    "p": ("Likeliest first", "by p alone, whatever it is worth"),
    "value": ("Dearest first", "by value alone, however unlikely"),
    "random": ("At random", "any eligible offer of the kind, all alike"),
}


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The table of policies, the one that was really followed on top."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    rows = asking.rows(sql.ops_logged_presentations, subscriber=subscriber["id"], limit=MOST)
    offers = asking.offer_rows(sql.learning_offers, subscriber=subscriber["id"])
    with services().offers.connection(timeout=POOL_WAIT_S) as connection:
        in_use = model_in_use(connection, subscriber["id"])
    found = off_the_loop(estimated, rows, in_use, offers)
    return render_template(
        "ops/estimates.html",
        subscribers=subscribers,
        subscriber=subscriber,
        n=found.n,
        skipped=len(rows) - found.n,
        warning=found.warning,
        most=MOST,
        fewest=offline.FEWEST,
        fewest_accepted=offline.FEWEST_ACCEPTED,
        was=found.was,
        policies=found.policies,
        scale=_scale(found.was, found.policies),
    )


@dataclass(frozen=True, slots=True)
class Estimated:
    """What the page shows.

    Attributes:
        n: presentations that it stands on.
        warning: why nothing is said of the model of today; None when something is.
        was: what a presentation really brought.
        policies: label, hint and estimate of each.
    """

    n: int
    warning: str | None
    was: offline.Interval | None
    policies: list[Json]


def estimated(rows: Sequence[Json], in_use: InUse, offers: list[Json]) -> Estimated:
    """All estimates from rows as the query has them; a second of work for the most there can be."""
    rows = [
        {**row, "ranking": orjson.loads(row["ranking"]), "features": orjson.loads(row["features"])}
        for row in rows
    ]
    log = _read(rows, {})
    unseen, warning = _unseen(in_use, offers, rows)
    policies = [
        {
            "label": label,
            "hint": hint,
            "estimate": offline.estimate(unseen if name == "model" else log, POLICIES[name]),
        }
        for name, (label, hint) in LABELS.items()
    ]
    return Estimated(len(log), warning, offline.as_it_was(log), policies)


def _read(rows: list[Json], p_now: dict[int, list[float]]) -> list[offline.Logged]:
    """Presentations with what could have been chosen instead; ``p_now`` has a p for each row."""
    read = (
        offline.read_logged(row, {id_: p[at] for id_, p in p_now.items()})
        for at, row in enumerate(rows)
    )
    return [one for one in read if one]


def _unseen(
    in_use: InUse, offers: list[Json], rows: list[Json]
) -> tuple[list[offline.Logged], str | None]:
    """What the model of today is judged by, with its p; and why there is nothing of the kind.

    A model that is judged by what it has learned from flatters itself.
    """
    since = in_use.judged_from
    if in_use.judged is None or since is None:
        return [], in_use.problem or "No model is in use, so there is nothing to say of it."
    newest = [row for row in rows if row["at"] >= since]
    features = [row["features"] for row in newest]
    return _read(newest, _p_now(in_use.judged, features, offers)), None


def _p_now(model: Model, features: list[Json], offers: list[Json]) -> dict[int, list[float]]:
    """Offer -> p of each presentation's customer, as he was then, by the model."""
    asked = [Offer(row["id"], row["prior_p"], row["prior_weight"]) for row in offers]
    columns = model.score(model.matrix(features), asked).T.tolist()
    return {row["id"]: column for row, column in zip(offers, columns, strict=True)}


def _scale(was: offline.Interval | None, policies: list[Json]) -> float:
    """Units of the drawing for a cent: the highest end of all intervals is the longest bar."""
    ends: list[float] = [
        one["estimate"].self_normalised.high for one in policies if one["estimate"]
    ]
    ends += [was.high] if was else []
    return LONGEST_BAR / max([*ends, 1.0])
