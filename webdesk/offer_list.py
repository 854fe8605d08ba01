"""The ranked offers of one customer outside calls: for the public API, visitors and chats.

Every list is a stored decision. Asked again, the same list comes back under the same id until
something in it changes or it is ten minutes old: reading changes nothing, and a page that is
reloaded does not jump.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from cordboard.decision import Question
from cordboard.decision_route import no_call
from db.queries import sql
from webdesk.present import web_url
from webdesk.services import Services, now_ms
from webdesk.store import Json, one_row, rows

#: A list is kept for so long.
KEPT = timedelta(minutes=10)

#: What a list is made of; the order among equals may be a matter of chance.
_FACTS = ("offer", "state", "why", "p", "value_cents", "exposures", "title")


@dataclass(frozen=True, slots=True)
class OfferList:
    """What is offered, best first.

    Attributes:
        decision: id of the stored decision.
        at: when it was decided.
        offers: entries of its ranking that are offered; ``url`` is filled in, empty without a page
            that the customer could open.
    """

    decision: str
    at: datetime
    offers: list[Json]


def offer_list(svc: Services, subscriber: str, customer: int, channel: str) -> OfferList:
    """The list of a customer (id) of this subscriber (code).

    Args:
        svc: the services of this worker.
        subscriber: code.
        customer: id.
        channel: ``phone``, ``web``, ``chat`` or ``api`` (whatever is offered anywhere).

    Raises:
        decider.DeciderAway: there is no decision now.
        psycopg.Error: the database is away.
    """
    decision = svc.decider.decide(
        Question("", customer, subscriber, channel=channel, at_ms=now_ms())
    )
    # What a call would be told is asked for without a call: nobody is led anywhere by it.
    decision = replace(decision, route=no_call(decision.question))
    record: Json = orjson.loads(orjson.dumps(decision.as_json()))
    since = datetime.now(UTC) - KEPT
    kept = one_row(svc.pool, sql.latest_list, customer=customer, channel=channel, since=since)
    if kept and _content(kept["ranking"]) == _content(record["ranking"]):
        found, at, ranking = kept["id"], kept["at"], kept["ranking"]
    else:
        rows(svc.pool, sql.record_decision, decision=orjson.dumps(record).decode())
        at = datetime.fromtimestamp(record["at_ms"] / 1000, UTC)
        found, ranking = record["id"], record["ranking"]
    offered = [entry for entry in ranking if entry["state"] == "offered"]
    return OfferList(found, at, _with_urls(svc, customer, offered))


def expose(svc: Services, customer: int, decision: str, offer: int, channel: str) -> bool:
    """The customer saw an offer of a list; False when that was known, or it is not of the list."""
    values = {"decision": decision, "customer": customer, "offer": offer, "channel": channel}
    row = one_row(svc.pool, sql.expose_listed_offer, **values)
    return bool(row and row["first"])


def page_for_customers(svc: Services, url: str | None) -> str:
    """An offer's page, unless there is none or it is ours: that one asks agents to log in."""
    found = web_url(url)
    return "" if found.startswith(f"{svc.settings.web}/") else found


def _content(ranking: list[Json]) -> list[list[Any]]:
    return sorted(
        ([entry.get(name) for name in _FACTS] for entry in ranking), key=lambda entry: entry[0]
    )


def _with_urls(svc: Services, customer: int, entries: list[Json]) -> list[Json]:
    offers = [entry["offer"] for entry in entries]
    found = rows(svc.pool, sql.listed_urls, customer=customer, offers=offers)
    urls = {row["offer"]: row["url"] for row in found}
    return [
        {**entry, "url": page_for_customers(svc, urls.get(entry["offer"]))} for entry in entries
    ]
