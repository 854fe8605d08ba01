"""Which shop a page is of, and which client's browser asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from cordboard.orders import postcodes
from cordboard.orders.facts import Client, client_from_json
from cordboard.orders.places import Point
from db.queries import sql
from webdesk import store
from webdesk.order import browsers
from webdesk.order.browsers import Browser
from webdesk.order.store import ask
from webdesk.problems import Problem
from webdesk.services import services

Json = dict[str, Any]

_SID = re.compile(r"[a-z][a-z0-9-]{1,31}")


class NotLinked(Exception):
    """The browser is no client's yet."""

    def __init__(self, sid: str) -> None:
        super().__init__(sid)
        self.sid = sid


@dataclass(frozen=True)
class Here:
    """A client's browser on a shop's pages.

    Attributes:
        shop: row of ``talk_place``: sid, company, accent, timezone, country, contact.
        browser: whose it is.
        customer: id.
        proved: a code that was spoken in a call linked it; else the number is only typed.
        number: the client's, +E.164.
        email: empty without one.
        data: what ``order_facts_v1`` answers.
        now: aware.
    """

    shop: Json
    browser: Browser
    customer: int
    proved: bool
    number: str
    email: str
    data: Json
    now: datetime

    @cached_property
    def client(self) -> Client:
        """The same as the dialogue of a call knows it."""
        return client_from_json(self.data)

    @property
    def zone(self) -> ZoneInfo:
        """The shop's."""
        return ZoneInfo(self.shop["timezone"])

    @cached_property
    def home(self) -> Point | None:
        """About where the client lives; None when nobody knows."""
        return postcodes.centroid(self.client.country, self.client.postcode)

    @property
    def token(self) -> str:
        """For forms."""
        return browsers.form_token(self.browser)


def shop(sid: str) -> Json:
    """The shop of that code.

    Raises:
        Problem: 404, there is none, or it sells nothing.
    """
    found = shop_or_none(sid)
    if found is None:
        raise Problem(404, "unknown-company", "Nobody takes orders under this address.")
    return found


def shop_or_none(sid: str) -> Json | None:
    """The same, None without one."""
    if not _SID.fullmatch(sid):
        return None
    return store.one_row(services().pool, sql.order_shop, sid=sid)


def here(sid: str) -> Here:
    """The client who asks for a page; the browser's cookie is sent anew.

    Raises:
        Problem: 404, see :func:`shop`.
        NotLinked: it is nobody's browser.
    """
    found, browser = shop(sid), browsers.browser(sid)
    link = _link(browser) if browser else None
    if browser is None or link is None:
        raise NotLinked(sid)
    browsers.begin(sid)
    return _here(found, browser, link)


def sent(sid: str) -> Here:
    """The same for a form that was sent.

    Raises:
        Problem: 401 or 400, see :func:`browsers.check_form`.
        NotLinked: the browser is nobody's (any more).
    """
    shop(sid)
    browsers.check_form(sid)
    return here(sid)


def is_linked(browser: Browser) -> bool:
    """Whether the browser is a client's."""
    return _link(browser) is not None


def _link(browser: Browser) -> Json | None:
    return store.one_row(services().pool, sql.web_client, visitor=browser.id, sid=browser.sid)


def _here(found: Json, browser: Browser, link: Json) -> Here:
    data = ask(sql.order_facts, customer=link["customer"])
    return Here(
        shop=found,
        browser=browser,
        customer=link["customer"],
        proved=link["proved"],
        number=link["number"] or "",
        email=link["email"] or "",
        data=data,
        now=datetime.now(UTC),
    )
