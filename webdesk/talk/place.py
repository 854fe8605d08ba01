"""Where a talk link leads, and whether this browser may follow it."""

from __future__ import annotations

import time
from typing import Any

from flask import request

from cordboard import hours, keys, tag1
from cordboard.hours import Schedule
from cordboard.tag1 import ExpiredTag, Tag1, TagError
from db.secrets import signing_keys
from webdesk.services import POOL_WAIT_S, services
from webdesk.talk import store
from webdesk.talk.refusal import Refused
from webdesk.talk.visitors import Visitor

Json = dict[str, Any]

#: A link that a browser has opened goes on so long after its end for this browser, seconds.
AFTERWARDS_S = 24 * 3600

_STATUS = {"unknown_sid": 404, "unknown_sc": 404, "expired": 410}


def find(sid: str, sc: str) -> Json:
    """Subscriber and subject.

    Raises:
        Refused: 404, there is none of that name.
    """
    # What PostgreSQL could not even compare is unknown all the same.
    place = store.place(services().pool, sid[:40], sc[:40]) if "\0" not in sid + sc else None
    if place is None:
        raise Refused(404, "unknown_sid", "There is no company of this name here.")
    if place["rule"] is None:
        raise Refused(404, "unknown_sc", f"{place['company']} takes no calls about this.", place)
    return place


def read_link(place: Json, who: Visitor | None) -> Tag1:
    """What the link says. One that has expired goes on for the browser that opened it in time.

    Raises:
        Refused: it is damaged, changed, or expired.
    """
    svc = services()
    try:
        signed = tag1.parse(place["sid"], place["sc"], request.query_string)
        with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
            live = signing_keys(conn, svc.settings, place["sid"])
        try:
            return tag1.verify(signed, live, time.time())
        except ExpiredTag:
            if who is None or svc.redis.get(_nonce(signed.tag)) != who.id:
                raise
            return signed.tag  # the signature was right: it is looked at before the time
    except TagError as error:
        status = _STATUS.get(error.code, 400)
        raise Refused(status, error.code, str(error), place) from error


def claim(place: Json, link: Tag1, who: Visitor) -> None:
    """Tie the link to this browser; the first one gets it.

    Raises:
        Refused: another browser was first.
    """
    client, key = services().redis, _nonce(link)
    until = max(link.expires, int(time.time())) + AFTERWARDS_S
    if not client.set(key, who.id, nx=True, exat=until) and client.get(key) != who.id:
        raise Refused(409, "used", "Another browser has opened it already.", place)


def _nonce(link: Tag1) -> str:
    return keys.talk_nonce(link.sid, link.nonce)


def schedule(place: Json) -> Schedule | None:
    """When visitors may talk at once; None is at any time."""
    return hours.from_json(place["schedule"]) if place["schedule"] else None
