"""Who can present an offer now, and where the call goes. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cordboard.decision_facts import Offer, Policy
from cordboard.question import Question


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes.

    Attributes:
        to: ``group`` (agents of ``group`` present the offer), ``ivr`` (the IVR does; whoever is
            interested is for ``group``), ``plain`` (to ``group``, for no offer's sake).
        group: code; that of the question unless it moves.
        offer: id; None for ``plain``.
        why: ``agents_free``, ``short_wait``, ``nobody_free``, ``nobody_can``, ``no_offer``,
            ``no_call``.
        words: the reason in a sentence.
        text: what the IVR says; empty unless it presents the offer.
    """

    to: str
    group: str
    offer: int | None
    why: str
    words: str
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "to": self.to,
            "group": self.group,
            "offer": self.offer,
            "why": self.why,
            "words": self.words,
            "text": self.text,
        }


def route_for(question: Question, policy: Policy, offer: Offer) -> Route | None:
    """How this offer can be presented now: by agents, else by the IVR; None when it cannot."""
    return _by_agents(question, policy, offer) or _by_ivr(question, policy, offer)


def choose_route(question: Question, policy: Policy, heads: Sequence[Offer]) -> Route:
    """The route of the first offer that can be presented now.

    Args:
        question: the contact.
        policy: the subscriber's.
        heads: the chosen offer of each kind, best first.
    """
    if question.channel != "phone":
        return no_call(question)
    if not heads:
        return Route("plain", question.group, None, "no_offer", "There is nothing to offer.")
    routes = (route_for(question, policy, offer) for offer in heads)
    nobody = Route(
        "plain",
        question.group,
        None,
        "nobody_can",
        "Nobody can present an offer now where the caller may be led, and the IVR presents none.",
    )
    return next((route for route in routes if route), nobody)


def no_call(question: Question) -> Route:
    """The route of a contact that is no call."""
    return Route("plain", question.group, None, "no_call", "No call is to be led anywhere.")


def _by_agents(question: Question, policy: Policy, offer: Offer) -> Route | None:
    group = _group_of(question, policy, offer)
    if "agent" not in offer.channels or not group:
        return None
    if offer.group and group != offer.group:
        return None
    seen = question.resources.get(group) or {}
    skills, waits = seen.get("skills") or {}, seen.get("skill_waits") or {}
    who = f"{group} with the skill {offer.skill}" if offer.skill else group
    free = skills.get(offer.skill, 0) if offer.skill else seen.get("free", 0)
    if free:
        words = f"Agents of {who}, who can present {offer.code}, are free."
        return Route("group", group, offer.id, "agents_free", words)
    wait_s = waits.get(offer.skill) if offer.skill else seen.get("wait_s")
    if wait_s is None or wait_s > policy.max_wait_s:
        return None
    words = (
        f"Agents of {who}, who can present {offer.code}, are busy; the wait is about"
        f" {wait_s:.0f} s, and {policy.max_wait_s:.0f} s may be waited."
    )
    return Route("group", group, offer.id, "short_wait", words)


def _group_of(question: Question, policy: Policy, offer: Offer) -> str:
    """The group that goes on with this offer, as far as the caller may be moved."""
    return offer.group if offer.group and policy.move_callers else question.group


def _by_ivr(question: Question, policy: Policy, offer: Offer) -> Route | None:
    if not (question.ivr and policy.ivr_presentation and "ivr" in offer.channels):
        return None
    if not offer.ivr_text:
        return None
    words = f"Nobody who can present {offer.code} is free: the IVR presents it."
    group = _group_of(question, policy, offer)
    return Route("ivr", group, offer.id, "nobody_free", words, offer.ivr_text)
