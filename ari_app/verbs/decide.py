"""Asking the decider what to offer, and taking its answer into the call.

Without an answer in time nothing is lost but the decision: what the IVR attached stays, and the
call goes plainly on.
"""

from __future__ import annotations

from typing import Any

from ari_app.call import Call
from ari_app.clock import now_ms
from ari_app.resources import resources
from cordboard import decided_card
from cordboard.question import Question
from decider import DeciderAway

#: Poorest level of a skill that will do: any agent who has it at all.
POOREST = 9
#: How a customer was identified -> kinds of offers that this allows.
_ALLOWED = {
    "account": {"service"},
    "ani": {"service"},
    "ssn": {"sales"},
    "code": {"sales", "service"},
    "agent": {"service"},
}


async def make_decision(call: Call) -> None:
    """Decide, once, for a call whose customer is known; and follow the route."""
    card = card_of(call)
    if not card.get("decision"):
        question = question_of(call)
        if not question.customer:
            return
        try:
            decision = await call.services.decider.decide(question, call.facts)
        except DeciderAway as error:
            call.log.warning("call.not_decided", error=str(error))
            return
        _take(call, decision.as_json())
    _follow(call)


def question_of(call: Call) -> Question:
    """What is known of this call, and what is free for it."""
    state, card, order = call.state, card_of(call), call.order
    subscriber = str((card.get("subscriber") or {}).get("code") or "")
    known = card.get("identified_by") or ()
    kinds = set().union(*(_ALLOWED.get(way, set()) for way in known))
    groups = {state.group, *call.services.groups.of_subscriber(subscriber)} - {""}
    return Question(
        call=call.id,
        customer=int((card.get("customer") or {}).get("id") or 0),
        subscriber=subscriber,
        kinds=tuple(sorted(kinds)),
        reason=order.rule.subject if order else state.menu_choice,
        group=state.group,
        resources=resources(call.services.acd, groups),
        at_ms=now_ms(),
        # Whoever is called back wants to talk to a person.
        ivr=order is None,
    )


def card_of(call: Call) -> dict[str, Any]:
    """The whole card: that of a web call is withheld until the agent has signed on."""
    return call.state.withheld if call.order else call.state.card


def route_of(call: Call) -> dict[str, Any]:
    """The route of the call's decision; empty without one."""
    return (card_of(call).get("decision") or {}).get("route") or {}


def decided_offer(call: Call) -> dict[str, Any]:
    """The entry of the ranking for whose sake the call takes its route; empty without one."""
    offer = route_of(call).get("offer")
    entries = card_of(call).get("ranking") or ()
    return next((entry for entry in entries if entry["offer"] == offer), {})


def move_to(call: Call, group: str, skill: str | None) -> None:
    """From now on this group serves the call, by an agent with this skill."""
    state, services, card = call.state, call.services, card_of(call)
    if skill:
        state.needs = {**state.needs, skill: POOREST}
    if group == state.group:
        return
    call.log.info("call.moved", group=group, before=state.group)
    services.journal.event(call.id, "call.moved", group=group, before=state.group)
    state.group = group
    card["queue"] = {"code": group, "name": services.groups.get(group).name}
    card["cti"] = {**(card.get("cti") or {}), "QUEUE": group}
    lit = [offer["kind"] for offer in card.get("offers") or () if offer["url"]]
    card["required"] = lit if services.groups.get(group).requires_code else []


def _take(call: Call, record: dict[str, Any]) -> None:
    """The decision is recorded, and what it changes is on the card: both, or neither."""
    state, services = call.state, call.services
    required = services.groups.get(state.group).requires_code
    card_of(call).update(decided_card.changes(card_of(call), record, required=required))
    services.journal.decision(call.id, record)
    state.queue_save(services.bus.pipe)
    route = record["route"]
    call.log.info("call.decided", to=route["to"], group=route["group"], why=route["why"])


def _follow(call: Call) -> None:
    """Agents who are able to present the offer get the call."""
    route = route_of(call)
    if route.get("to") == "group":
        move_to(call, route["group"], decided_offer(call).get("skill"))
