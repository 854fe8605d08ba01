"""What a customer may be offered, for the subscriber's own systems."""

from __future__ import annotations

import structlog

from db.queries import sql
from decider import DeciderAway
from webdesk import store
from webdesk.api import data
from webdesk.api.models import CUSTOMER_CODE, OfferList, OfferQuery
from webdesk.api.operation import Ask, Reply, operation
from webdesk.offer_list import offer_list
from webdesk.problems import Problem
from webdesk.services import services

log = structlog.get_logger(__name__)


@operation(
    "GET",
    "/customers/{code}/offers",
    query=OfferQuery,
    answers={200: OfferList},
    refusals=(404,),
    parts={"code": CUSTOMER_CODE},
)
def list_customer_offers(ask: Ask[OfferQuery], code: str) -> Reply:
    """Read a customer's offers, best first, with the reason for each."""
    found = _customer(ask.business.id, code)
    try:
        listed = offer_list(services(), ask.business.code, found["id"], ask.what.channel)
    except DeciderAway as error:
        log.warning("not decided", business=ask.business.code, error=str(error)[:300])
        raise Problem(
            503, "decider-away", "The offers cannot be ranked at the moment. Try again shortly."
        ) from error
    offers = [
        {**entry, "rank": rank, "why": entry["words"], "url": entry["url"] or None}
        for rank, entry in enumerate(listed.offers, start=1)
    ]
    return Reply(
        OfferList.model_validate(
            {
                "decision": listed.decision,
                "customer": found["code"],
                "channel": ask.what.channel,
                "at": listed.at,
                "offers": offers,
            }
        )
    )


def _customer(subscriber: int, code: str) -> store.Json:
    """The subscriber's own customer.

    Raises:
        Problem: 404, there is none, or it is another's.
    """
    # What PostgreSQL could not even compare is unknown all the same.
    found = (
        []
        if "\0" in code
        else data.rows(sql.customer_of_subscriber, subscriber=subscriber, code=code[:64])
    )
    if not found:
        raise Problem(404, "no-such-customer", "There is no customer with this code.")
    return found[0]
