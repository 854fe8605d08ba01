"""Why this, why not that: what would be decided for one customer in one contact. Nothing is stored.

The search is sent in a form's body, since addresses are logged and people are looked for by name
and number; what is asked about the one who was found stands in the address, to be passed on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from cordboard.decision import Decision, Facts, Question, decide
from cordboard.dialled_number import read_number
from cordboard.question import KINDS
from cordboard.wall_clock import in_words
from db.queries import sql
from decider import DeciderAway
from decider.sync import SyncLocalDecider
from webdesk import store
from webdesk.ops import asking, what_if_view
from webdesk.ops.menu import READERS
from webdesk.ops.supposed import LONGEST, OUTAGES, Supposed, read, resources
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("what_if", __name__, url_prefix="/what-if")

CHANNEL_WORDS = {"phone": "Call", "web": "Web", "chat": "Chat", "api": "Any (API)"}


@bp.get("")
@role_required(*READERS)
def page() -> str | tuple[str, int]:
    """The form; with a customer also the answer."""
    return _page()


@bp.post("")
@role_required(*READERS)
def search() -> str | tuple[str, int]:
    """The same page with those who were found."""
    return _page(request.form.get("q", "").replace("\0", "").strip()[:LONGEST])


def _page(looked_for: str | None = None) -> str | tuple[str, int]:
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    groups = asking.rows(sql.groups_of_subscriber, subscriber=subscriber["id"])
    supposed = read(ZoneInfo(subscriber["timezone"]), [one["code"] for one in groups])
    customer = _customer(subscriber)
    facts = _facts(subscriber, customer) if customer else None
    shown = render_template(
        "ops/what_if.html",
        subscribers=subscribers,
        subscriber=subscriber,
        groups=groups,
        supposed=supposed,
        skills=_skills(facts),
        channels=CHANNEL_WORDS,
        outages=OUTAGES,
        kinds=KINDS,
        customer=customer,
        looked_for=looked_for or "",
        found=_found(subscriber, looked_for) if looked_for else None,
        answer=_answer(subscriber, customer, facts, supposed)
        if customer and facts and not supposed.errors
        else None,
    )
    return (shown, 422) if supposed.errors else shown


def _customer(subscriber: Json) -> Json | None:
    code = request.args.get("customer", "").replace("\0", "?")
    if not code:
        return None
    found = asking.row(sql.ops_customer, subscriber=subscriber["id"], code=code[:LONGEST])
    if found is None:
        raise Problem(404, "no-such-customer", "There is no such customer. Search again.")
    return found


def _found(subscriber: Json, text: str) -> list[Json]:
    number = read_number(text, services().settings.default_region)
    phone = number.e164 if number else ""
    return asking.rows(sql.find_customers, subscriber=subscriber["id"], text=text, phone=phone)


def _facts(subscriber: Json, customer: Json) -> Facts:
    """What is known, from the databases themselves, whoever decides for calls.

    Raises:
        Problem: 503, a database is away.
    """
    svc = services()
    reader = SyncLocalDecider(svc.pool, svc.offers if svc.is_split else None)
    try:
        return reader.facts(customer["id"], subscriber["code"])
    except DeciderAway as error:
        detail = "A database does not answer at the moment. Try again shortly."
        raise Problem(503, "database-away", detail) from error


def _skills(facts: Facts | None) -> list[str]:
    return sorted({offer.skill for offer in facts.offers if offer.skill}) if facts else []


# --- The answer -------------------------------------------------------------------------------


def _answer(subscriber: Json, customer: Json, facts: Facts, supposed: Supposed) -> Json:
    at = supposed.at or datetime.now(UTC)
    zone = ZoneInfo(subscriber["timezone"])
    facts = _supposing(facts, supposed)
    if supposed.at:
        facts = _on_day(facts, subscriber["id"], at.astimezone(zone).date())
    question = Question(
        call="",
        customer=customer["id"],
        subscriber=subscriber["code"],
        channel=supposed.channel,
        kinds=supposed.kinds,
        reason=supposed.reason,
        group=supposed.group,
        resources=resources(supposed, _skills(facts)),
        at_ms=int(at.timestamp() * 1000),
    )
    decision, chances = _decided(question, facts)
    return {
        **what_if_view.present(decision, facts, chances),
        "at": in_words(at, zone),
        "explores": facts.policy.exploration,
    }


def _decided(question: Question, facts: Facts) -> tuple[Decision, dict[int, float]]:
    """The decision without chance, and with which chance each offer would be the chosen one."""
    explored = decide(question, facts, Random(0))  # noqa: S311  only its chances are used
    best = replace(facts, policy=replace(facts.policy, exploration="none"))
    chances = {entry.offer.id: entry.chance or 0.0 for entry in explored.ranking if entry.offered}
    return decide(question, best, Random(0)), chances  # noqa: S311  chance decides nothing


def _supposing(facts: Facts, supposed: Supposed) -> Facts:
    if supposed.outage == "off":
        return replace(facts, failure="")
    if supposed.outage == "on":
        return replace(facts, failure=facts.failure or "SUPPOSED")
    return facts


def _on_day(facts: Facts, subscriber: int, day: date) -> Facts:
    """Offers as their dates have them on another day."""
    found = store.rows(services().offers, sql.offer_dates, subscriber=subscriber)
    dates = {
        row["id"]: (row["valid_from"] or date.min, row["valid_to"] or date.max) for row in found
    }
    offers = tuple(
        replace(offer, valid=dates[offer.id][0] <= day <= dates[offer.id][1])
        if offer.id in dates
        else offer
        for offer in facts.offers
    )
    return replace(facts, offers=offers)
