"""The client is known: an order that an earlier call left half-made comes before the menu."""

from __future__ import annotations

from dataclasses import replace

from cordboard.orders.dialogue.acts import DropDraft, TakeDraft
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import Answered, Answers, Keys
from cordboard.orders.dialogue.who import SOMEBODY_ELSE, hello, somebody_else
from cordboard.orders.dialogue.words import contents, press
from cordboard.orders.dialogue.zero import not_zero, to_person
from cordboard.orders.draft import Draft
from cordboard.orders.phrases import spelled

GO_ON, ANEW = "1", "2"
_BUSY = "Somebody else is busy with that order."


def _start(talk: Talk) -> Move:
    """An order that was left half-made comes first."""
    there = talk.client.draft is not None and talk.memory.fresh and not talk.memory.keyed
    return talk.to("resume" if there else "menu")


def _resume(talk: Talk) -> Ask | Move:
    draft = talk.client.draft
    if draft is None:
        return talk.to("menu")
    basket, _ = talk.catalogue.usable(draft.basket)
    if not basket.lines:
        return talk.to("menu", acts=(DropDraft(draft.order),))
    return Ask(
        (
            f"{hello(talk)} {_begun(talk, draft)}: {contents(basket, talk.catalogue)}.",
            f"To go on with it, {press(GO_ON)} To begin anew, {press(ANEW)}",
            f"For somebody else, {press(SOMEBODY_ELSE)}",
        ),
        Keys(),
    )


def _begun(talk: Talk, draft: Draft) -> str:
    """Who had begun to change an order does not take it for lost."""
    last = talk.client.last_order
    if not draft.replaces:
        return "You have a half-made order"
    if last is None or last.order != draft.replaces:
        return "You had begun to change an order"
    return f"You had begun to change order {spelled(str(last.number))}, which still stands, into"


def _resume_pressed(talk: Talk, digits: str) -> Move | None:
    draft = talk.client.draft
    if digits == SOMEBODY_ELSE:
        return somebody_else(talk)
    if digits not in (GO_ON, ANEW):
        return None
    if draft is None:
        return talk.to("menu", _BUSY, fresh=False)
    if digits == ANEW:
        return talk.to("menu", acts=(*not_zero(talk), DropDraft(draft.order)), fresh=False)
    return talk.to("taking", acts=not_zero(talk), fresh=False, along=draft.order)


def _taking(talk: Talk) -> Ask:
    """``memory.along`` is the order: facts that are read while this call holds it do not tell."""
    return Ask((), Answers(), (TakeDraft(talk.memory.along),))


def _taken(talk: Talk, answer: Answered) -> Move:
    draft = talk.client.draft
    if answer.refused or draft is None:
        return talk.to("menu", _BUSY, along="")
    # With a method it was past the question when; the read-back says the time, with a key for it.
    timed = bool(draft.basket.method)
    return talk.to("more", draft=replace(draft, total_cents=0), along="", timed=timed)


def _resume_person(talk: Talk) -> Move:
    draft = talk.client.draft
    return to_person(talk, draft.order if draft else "")


PROMPTS = {
    "start": Prompt(_start),
    "resume": Prompt(_resume, _resume_pressed, person=_resume_person),
    "taking": Prompt(_taking, answered=_taken),
}
