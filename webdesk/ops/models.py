"""Model cards: every model that was trained, how good it is, and what it was learned from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request

from cordboard.model_card import told_apart
from db.queries import sql
from webdesk.ops import asking, charts
from webdesk.ops.menu import READERS
from webdesk.problems import Problem
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("models", __name__, url_prefix="/models")

SHOWN = 50
#: What a state is called, and how it is toned.
STATES = {
    "in_use": ("in use", "good"),
    "candidate": ("being looked at", "live"),
    "rejected": ("rejected", "warn"),
    "retired": ("retired", ""),
}


@bp.get("")
@role_required(*READERS)
def index() -> str:
    """The models of a subscriber, and the card of one: the one asked for, or the one in use."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    models = [
        {**row, "label": label(row["state"], row["card"]), "tone": STATES[row["state"]][1]}
        for row in asking.offer_rows(sql.models_of, subscriber=subscriber["id"], limit=SHOWN)
    ]
    one = _chosen(models)
    return render_template(
        "ops/models.html",
        subscribers=subscribers,
        subscriber=subscriber,
        models=models,
        one=one,
        card=_drawn(one["card"]) if one else None,
    )


def label(state: str, card: Json) -> str:
    """What became of a model; of one that is rejected also what it lost against."""
    if state != "rejected":
        return STATES[state][0]
    rival = "the priors alone" if card["in_use"]["priors"] else f"model {card['in_use']['model']}"
    return f"rejected: worse than {rival}"


def _chosen(models: list[Json]) -> Json | None:
    asked = request.args.get("model", "")
    if asked:
        found = [one for one in models if str(one["id"]) == asked]
        if not found:
            raise Problem(404, "no-such-model", "This subscriber has no such model. Choose one.")
        return found[0]
    in_use = [one for one in models if one["state"] == "in_use"]
    return next(iter(in_use or models), None)


def _drawn(card: Json) -> Json:
    """The card with its drawings, its offers by how much they teach."""
    return {
        **card,
        "drawing": charts.calibration(card["calibration"]),
        "lift": charts.lift(card["lift"]),
        "losses": told_apart(card["log_loss"], card["in_use"]["log_loss"]),
        "offers": sorted(card["offers"], key=lambda one: -one["presented"]),
        "learned": card["counts"]["learn"] + card["counts"]["calibrate"],
        "days": {name: _day(moment) for name, moment in card["times"].items()},
    }


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d %b %Y}"
