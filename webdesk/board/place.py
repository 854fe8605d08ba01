"""Whose board it is, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Response

from db.queries import sql
from webdesk import store
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import SessionUser, me, role_required

P = ParamSpec("P")
R = TypeVar("R")

#: Whoever may choose a location; the others have one.
CHOOSERS = ("supervisor", "ops", "admin")
ROLES = ("location", *CHOOSERS)


def own_location(svc: Services, user: SessionUser) -> int:
    """The location that somebody of role ``location`` works at now.

    Raises:
        Problem: none, until ops say which.
    """
    row = store.one_row(svc.pool, sql.location_of_user, user=user.id)
    if row is None:
        raise Problem(
            403,
            "no-location",
            "Your log-in belongs to no location yet. Ask operations to give it one"
            " (cordboard staff move), then reload this page.",
        )
    found: int = row["id"]
    return found


def may_see(svc: Services, user: SessionUser, location: int) -> bool:
    """Whether this board is for this person."""
    if user.role in CHOOSERS:
        return True
    row = store.one_row(svc.pool, sql.location_of_user, user=user.id)
    return bool(row and row["id"] == location)


def board_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let in who may see the board of the view's ``location``."""

    @role_required(*ROLES)
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        location: Any = kwargs["location"]
        if not may_see(services(), me(), location):
            raise Problem(403, "not-your-board", "This is the board of another location.")
        return view(*args, **kwargs)

    return guarded


def find_location(svc: Services, location: int) -> store.Json:
    """What a board shows of its location.

    Raises:
        Problem: there is none.
    """
    row = store.one_row(svc.pool, sql.board_location, location=location)
    if row is None or row["location"] is None:
        raise Problem(404, "no-such-location", "There is no such location. Choose one at /board.")
    found: store.Json = row["location"]
    return found
