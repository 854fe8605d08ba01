"""What a build works with, as JSON: for a machine that forms lists without a database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from typing import Any

from cordboard import propensity
from cordboard.rules import as_json, parse
from cordboard.strategy import Catalogue, NamedRule, Offer, Reasons
from db.strategies.facts import Facts

#: Of the form of this JSON: both machines must run the same release.
FORM = 2


class NotPortable(ValueError):
    """JSON of another release, or none of ours."""


def facts_as_json(facts: Facts) -> dict[str, Any]:
    """Catalogue and model; warnings stay where they were told."""
    return {
        "form": FORM,
        "subscriber": facts.catalogue.subscriber,
        "today": facts.catalogue.today.isoformat(),
        "offers": [_offer_as_json(offer) for offer in facts.catalogue.offers],
        "exclusions": [list(pair) for pair in facts.catalogue.exclusions],
        "model": facts.model.as_json() if facts.model else None,
        "model_id": facts.model_id,
    }


def inputs_of(facts: Facts) -> str:
    """Digest and day of all that lists are formed of, but for the customers."""
    return f"{digest_of(facts)}@{facts.catalogue.today.isoformat()}"


def digest_of(facts: Facts) -> str:
    """A digest of the same without the day; which offers are valid that day counts.

    Of two days with one digest the lists differ by the customers alone.
    """
    told = {**facts_as_json(facts), "today": list(facts.catalogue.live)}
    said = json.dumps(told, sort_keys=True)
    return hashlib.sha256(f"{version('cordboard')}\n{said}".encode()).hexdigest()[:40]


def facts_from_json(stored: Mapping[str, Any]) -> Facts:
    """The facts again.

    Raises:
        NotPortable: it is of another release, or damaged.
    """
    if stored.get("form") != FORM:
        raise NotPortable(
            f"the catalogue has the form {stored.get('form')!r}, not {FORM}: run the same release"
            " on every machine"
        )
    try:
        catalogue = Catalogue(
            int(stored["subscriber"]),
            tuple(_offer(one) for one in stored["offers"]),
            tuple((int(a), int(b)) for a, b in stored["exclusions"]),
            date.fromisoformat(stored["today"]),
        )
        model = propensity.Model.from_json(stored["model"]) if stored["model"] else None
        return Facts(catalogue, Reasons(catalogue), model, stored["model_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotPortable(f"the catalogue is damaged ({error!r:.200}): build again") from error


def _offer_as_json(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.id,
        "prior_p": offer.prior.prior_p,
        "prior_weight": offer.prior.prior_weight,
        "code": offer.code,
        "value_cents": offer.value_cents,
        "kind": offer.kind,
        "channels": list(offer.channels),
        "active": offer.active,
        "valid_from": offer.valid_from.isoformat() if offer.valid_from else None,
        "valid_to": offer.valid_to.isoformat() if offer.valid_to else None,
        "cooldown_days": offer.cooldown_days,
        "max_exposures": offer.max_exposures,
        "rules": [
            {"name": one.name, "condition": as_json(one.rule) if one.rule else None}
            for one in offer.rules
        ],
    }


def _offer(stored: Mapping[str, Any]) -> Offer:
    return Offer(
        prior=propensity.Offer(int(stored["id"]), stored["prior_p"], stored["prior_weight"]),
        code=str(stored["code"]),
        value_cents=int(stored["value_cents"]),
        kind=str(stored["kind"]),
        channels=tuple(map(str, stored["channels"])),
        active=bool(stored["active"]),
        valid_from=_day(stored["valid_from"]),
        valid_to=_day(stored["valid_to"]),
        cooldown_days=int(stored["cooldown_days"]),
        max_exposures=int(stored["max_exposures"]),
        rules=tuple(
            NamedRule(one["name"], parse(one["condition"]) if one["condition"] else None)
            for one in stored["rules"]
        ),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
