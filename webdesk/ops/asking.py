"""How the operations pages ask PostgreSQL, and which subscriber a page is about."""

from __future__ import annotations

from typing import Any

from flask import g, request

from db.queries import sql
from webdesk import store
from webdesk.problems import Problem
from webdesk.services import services

Json = dict[str, Any]


def rows(query: bytes, /, **values: Any) -> list[Json]:
    """All rows of a named query."""
    return store.rows(services().pool, query, **values)


def offer_rows(query: bytes, /, **values: Any) -> list[Json]:
    """All rows of a named query of the offers database."""
    return store.rows(services().offers, query, **values)


def row(query: bytes, /, **values: Any) -> Json | None:
    """The first row of a named query."""
    return store.one_row(services().pool, query, **values)


def subscribers() -> list[Json]:
    """Everybody who has lines here, by name."""
    return rows(sql.subscribers)


def chosen(among: list[Json]) -> Json:
    """The subscriber that the page's address names; the first one when it names none.

    Raises:
        Problem: 404, there is no such subscriber, or none at all.
    """
    code = request.args.get("subscriber", "")
    found = [one for one in among if one["code"] == code] if code else among[:1]
    if not found:
        raise Problem(404, "no-such-subscriber", "There is no such subscriber. Choose one.")
    return _remembered(found[0])


def by_id(among: list[Json], key: int) -> Json:
    """The subscriber with this id."""
    return _remembered(next(one for one in among if one["id"] == key))


def _remembered(subscriber: Json) -> Json:
    """The subscriber, which the menu of this page leads on with.

    It stands in addresses and in no session: two windows may be about two subscribers.
    """
    g.ops_subscriber = subscriber["code"]
    return subscriber
