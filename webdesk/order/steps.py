"""Each form counts once, and nothing typed is lost: what Redis keeps of a browser meanwhile."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
from flask import request

from cordboard import keys
from webdesk.order.browsers import Browser
from webdesk.order.enrolment import one_line
from webdesk.services import services

#: Longest text of one field, characters; a longer one is cut, and then refused where it is used.
LONGEST = 500


def new_key() -> str:
    """For the forms of one page: sent twice, a form counts once."""
    return uuid.uuid4().hex


def first_time(who: Browser, what: str = "") -> bool:
    """Whether a form of this page's key was not sent before; ``what`` tells its forms apart."""
    key = request.form.get("key", "")[:64]
    name = keys.order_step(who.id, f"{key}:{what}"[:200])
    return bool(services().redis.set(name, "1", nx=True, ex=keys.STEP_S)) if key else True


def not_done(who: Browser, what: str = "") -> None:
    """The form was refused: sent again it counts."""
    key = request.form.get("key", "")[:64]
    services().redis.delete(keys.order_step(who.id, f"{key}:{what}"[:200]))


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


def said(what: Typed) -> dict[str, Any]:
    """The note, when it is another than the page showed: one that somebody else wrote stays."""
    return {} if what.note == text("noted") else {"note": what.note}


def typed(order: str) -> Typed:
    """The read-back's fields as they were sent."""
    given = {field.name: text(field.name) for field in fields(Typed)}
    return Typed(
        **{**given, "order": order, "when": "later" if given["when"] == "later" else "soon"}
    )


def keep(who: Browser, what: Typed) -> None:
    """Until the draft has it, a day at most."""
    services().redis.set(keys.order_typed(who.id), orjson.dumps(asdict(what)), ex=keys.TYPED_S)


def kept(who: Browser, order: str) -> Typed | None:
    """What was typed for this draft; None when nothing was, in this browser."""
    found: Any = services().redis.get(keys.order_typed(who.id))
    stored = Typed(**orjson.loads(found)) if found else Typed()
    return stored if stored.order == order else None


def forget(who: Browser) -> None:
    """The draft has it, or it was placed."""
    services().redis.delete(keys.order_typed(who.id))
