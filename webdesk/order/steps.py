"""Each form counts once, and nothing typed is lost: what Redis keeps of a browser meanwhile."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import orjson
from flask import request

from cordboard import keys
from webdesk.order.browsers import Browser
from webdesk.order.enrolment import one_line
from webdesk.services import services

#: Longest text of one field, characters; a longer one is cut, and then refused where it is used.
LONGEST = 500
#: A second press waits so long for the first, seconds: less than Redis may take to answer.
WAIT_S = 1.5


def new_key() -> str:
    """For the forms of one page: sent twice, a form counts once."""
    return uuid.uuid4().hex


def first_time(who: Browser, what: str = "") -> bool:
    """Whether a form of this page's key was not sent before; ``what`` tells its forms apart."""
    if not request.form.get("key"):
        return True
    name = keys.order_step(who.id, _form(what))
    return bool(services().redis.set(name, "1", nx=True, ex=keys.STEP_S))


def not_done(who: Browser, what: str = "") -> None:
    """The form was refused: sent again it counts."""
    services().redis.delete(keys.order_step(who.id, _form(what)))


def over(who: Browser, what: str = "") -> None:
    """The form was stored or refused: what :func:`wait_for_first` waits for."""
    name = keys.order_step_over(who.id, _form(what))
    pipe = services().redis.pipeline()
    pipe.delete(name)
    pipe.rpush(name, "1")
    pipe.expire(name, keys.STEP_S)
    pipe.execute()


def wait_for_first(who: Browser, what: str = "") -> None:
    """Until the same form that was sent before is dealt with, a moment at most."""
    name, live = keys.order_step_over(who.id, _form(what)), services().redis
    if live.blpop([name], timeout=WAIT_S):
        over(who, what)  # a third press waits too


def _form(what: str) -> str:
    return f"{request.form.get('key', '')[:64]}:{what}"[:200]


def text(name: str) -> str:
    """A field of the form, as one line."""
    return one_line(request.form.get(name, ""))[:LONGEST]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed at the read-back, right or wrong.

    Attributes:
        order: the draft that it belongs to.
        when: ``soon`` or ``later``.
        at: day and time as the field holds it.
    """

    order: str = ""
    when: str = "soon"
    at: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    note: str = ""


#: Fields of which one alone says nothing.
TOGETHER = (("when", "at"), ("street", "city", "postcode"), ("note",))


def said(what: Typed) -> dict[str, Any]:
    """The note, when it is another than the page showed: one that somebody else wrote stays."""
    return {} if what.note == text("noted") else {"note": what.note}


def typed(order: str) -> Typed:
    """The read-back's fields as they were sent."""
    given = {field.name: text(field.name) for field in fields(Typed)}
    return Typed(
        **{**given, "order": order, "when": "later" if given["when"] == "later" else "soon"}
    )


def newest(what: Typed, before: Typed, now: Typed) -> Typed:
    """What was typed, but for what somebody else has changed in the draft since. No I/O.

    Args:
        before: what the draft said when that was typed.
        now: what it says now.
    """
    changed = [
        name
        for names in TOGETHER
        if any(getattr(before, one) != getattr(now, one) for one in names)
        for name in names
    ]
    return replace(what, **{name: getattr(now, name) for name in changed})


def keep(who: Browser, what: Typed, draft: Typed) -> None:
    """Until the draft has it, a day at most; ``draft`` is what that says meanwhile."""
    both = orjson.dumps({"typed": asdict(what), "draft": asdict(draft)})
    services().redis.set(keys.order_typed(who.id), both, ex=keys.TYPED_S)


def kept(who: Browser, draft: Typed) -> Typed:
    """What was typed in this browser and not stored; else what the draft says."""
    found: Any = services().redis.get(keys.order_typed(who.id))
    both = orjson.loads(found) if found else {}
    if both.get("typed", {}).get("order") != draft.order:
        return draft
    return newest(Typed(**both["typed"]), Typed(**both["draft"]), draft)


def forget(who: Browser) -> None:
    """The draft has it, or it was placed."""
    services().redis.delete(keys.order_typed(who.id))
