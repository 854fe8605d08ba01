"""What the visitors' pages ask of PostgreSQL: one function a question."""

from __future__ import annotations

from typing import Any

import orjson

from db.queries import sql
from webdesk.store import Json, Pool, one_row, rows


def place(pool: Pool, sid: str, sc: str) -> Json | None:
    """Subscriber and subject of a talk link; None for an unknown subscriber."""
    return one_row(pool, sql.talk_place, sid=sid, sc=sc)


def open_visitor(pool: Pool, visitor: str, subscriber: int, zone: str) -> None:
    """Remember a browser, and that it was here."""
    rows(pool, sql.open_visitor, visitor=visitor, subscriber=subscriber, zone=zone)


def customer(pool: Pool, subscriber: int, code: str) -> Json | None:
    """Id, first name and number of a customer; None for an unknown code."""
    return one_row(pool, sql.talk_customer, subscriber=subscriber, code=code)


def people(pool: Pool, group: str) -> list[Json]:
    """Agents whom a visitor may ask for."""
    return rows(pool, sql.talk_people, group=group)


def skills(pool: Pool, group: str) -> list[str]:
    """Skills that a visitor may ask for."""
    return [row["skill"] for row in rows(pool, sql.talk_skills, group=group)]


def make_request(pool: Pool, wish: Json) -> str:
    """Store a request once; answers its id.

    Raises:
        db.errors.KeyReused: the form was sent before with other values.
        db.errors.DatabaseRefusal: there is no such subject.
    """
    row = one_row(pool, sql.make_request, wish=orjson.dumps(wish).decode())
    assert row is not None  # the function answers or raises
    return str(row["request"])


def request(pool: Pool, sid: str, visitor: str, request_id: str) -> Json | None:
    """A visitor's own request; None for one of somebody else's."""
    return one_row(pool, sql.talk_request, sid=sid, visitor=visitor, request=request_id)


def latest_request(pool: Pool, sid: str, visitor: str) -> str | None:
    """Id of the request that is under way, or the latest; None for none."""
    row = one_row(pool, sql.talk_latest, sid=sid, visitor=visitor)
    return str(row["id"]) if row else None


def cancel_request(pool: Pool, request_id: str) -> Json:
    """Take a request back: ``{state, call}``.

    Raises:
        db.errors.DatabaseRefusal: it is over already.
    """
    row = one_row(pool, sql.cancel_request, request=request_id, by="visitor")
    cancelled: Json = row["cancelled"] if row else {}
    return cancelled


def pushes(pool: Pool, request_id: str, visitor: str) -> list[Json]:
    """Pages pushed in the calls of a request, oldest first."""
    found = rows(pool, sql.talk_pushes, request=request_id, visitor=visitor)
    return [{**row, "push_id": str(row["push_id"])} for row in found]


def promotions(pool: Pool, sid: str) -> list[Json]:
    """Pages to look at while the phones ring."""
    return rows(pool, sql.talk_promotions, sid=sid)


def save_survey(pool: Pool, visitor: str, request_id: str, score: int, comment: str) -> None:
    """Store how this visitor's call was; the latest word counts."""
    values: dict[str, Any] = {"score": score, "comment": comment}
    rows(pool, sql.save_survey, request=request_id, visitor=visitor, **values)


def acknowledge(pool: Pool, visitor: str, push: str, seconds: int) -> Json | None:
    """The visitor sees a page: call, first, seconds; None for a push not (yet) known as theirs."""
    return one_row(pool, sql.acknowledge_push, push=push, visitor=visitor, seconds=seconds)
