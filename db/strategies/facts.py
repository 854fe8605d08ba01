"""What a build reads of the offers database: catalogue, rules and model of one subscriber."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg import Connection

from cordboard import propensity
from cordboard.attributes import ATTRIBUTES
from cordboard.rules import RuleError, parse
from cordboard.strategy import Catalogue, NamedRule, Offer, Reasons
from db.queries import sql

Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """Everything that is the same for all customers of a subscriber.

    Attributes:
        catalogue: the offers.
        reasons: why they may be kept out.
        model: the model in use; None when there is none that can be used.
        model_id: its row.
        warnings: what ops should know, a sentence each.
    """

    catalogue: Catalogue
    reasons: Reasons
    model: propensity.Model | None = None
    model_id: int | None = None
    warnings: tuple[str, ...] = field(default=())


def read_facts(conn: Connection[Row], subscriber: int, today: date) -> Facts:
    """The facts of a subscriber; ``today`` is the date there.

    A rule that cannot be read keeps its offer from everybody, and a model that cannot be used
    leaves the priors: each with a warning.
    """
    asked = {"subscriber": subscriber}
    warnings: list[str] = []
    rules: dict[int, list[NamedRule]] = {}
    for row in conn.execute(sql.strategy_rules, asked):
        rules.setdefault(row["offer_id"], []).append(_rule(row, warnings))
    offers = tuple(
        _offer(row, tuple(rules.get(row["id"], ())))
        for row in conn.execute(sql.strategy_offers, asked)
    )
    exclusions = tuple(
        (row["offer_id"], row["excluded_id"])
        for row in conn.execute(sql.strategy_exclusions, asked)
    )
    catalogue = Catalogue(subscriber, offers, exclusions, today)
    stored = conn.execute(sql.strategy_model, asked).fetchone()
    model = _model(stored, warnings)
    model_id = stored["id"] if stored and model else None
    return Facts(catalogue, Reasons(catalogue), model, model_id, tuple(warnings))


def _offer(row: Row, rules: tuple[NamedRule, ...]) -> Offer:
    return Offer(
        prior=propensity.Offer(row["id"], row["prior_p"], row["prior_weight"]),
        code=row["code"],
        value_cents=row["value_cents"],
        kind=row["kind"],
        channels=tuple(row["channels"]),
        active=row["active"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        cooldown_days=row["cooldown_days"],
        max_exposures=row["max_exposures"],
        rules=rules,
    )


def _rule(row: Row, warnings: list[str]) -> NamedRule:
    try:
        return NamedRule(row["name"], parse(row["condition"]))
    except RuleError as error:
        warnings.append(
            f"The rule “{row['name']}” of offer {row['offer_id']} cannot be read ({error!s:.200}):"
            " nobody gets that offer until the rule is put right on its ops page."
        )
        return NamedRule(row["name"], None)


def _model(stored: Row | None, warnings: list[str]) -> propensity.Model | None:
    if stored is None:
        warnings.append(
            "No model is in use: priors alone count until 'cordboard train' has made one."
        )
        return None
    try:
        model = propensity.Model.from_json(stored["parameters"])
    except propensity.ModelError as error:
        warnings.append(f"The model in use is not used: {error!s:.300}. Priors alone count.")
        return None
    why_not = propensity.why_not_used(model, ATTRIBUTES)
    if why_not:
        warnings.append(why_not)
        return None
    return model
