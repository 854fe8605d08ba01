"""What is offered to whom, the codes that agents choose, the current failure, and some history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg.types.json import Jsonb

from db.demo.catalogue import CODES, FAILURE, OFFERS, Offer
from db.demo.crowd import (
    DANA,
    LENA,
    MARCUS,
    NAMED,
    TOUCHED_EVERY,
    Customer,
)
from db.demo.tables import Tables
from db.demo.world import GROUPS, HALYARD, PANTRY, SERVICE

GROUP_IDS = {code: id_ for id_, _, code, _, _ in GROUPS}


@dataclass(frozen=True, slots=True)
class PastCall:
    """An answered call of a named customer, ``days`` ago, and what came of it."""

    days: int
    customer: int
    agent: int
    kind: str
    code: str
    note: str

    @property
    def id(self) -> UUID:
        """The same each time."""
        return uuid5(NAMESPACE_URL, f"cordboard:demo:{self.customer}:{self.days}")

    @property
    def started(self) -> datetime:
        """In the afternoon of that day."""
        today = datetime.now(UTC).replace(hour=15, minute=self.days % 60, second=0, microsecond=0)
        return today - timedelta(days=self.days)


SLOW = "Slow in the evening. Moved the router, 280 Mbit/s since."
FASTER = "Asks what a faster line would cost. Call back in spring."
LANDLORD = "Interested in fiber, wants to talk to his landlord first."
HISTORY = [
    PastCall(38, DANA, 5, "service", "RESOLVED", SLOW),
    PastCall(12, DANA, 6, "service", "FOLLOW-UP", FASTER),
    PastCall(21, MARCUS, 1, "sales", "LATER", LANDLORD),
    PastCall(64, LENA, 5, "service", "RESOLVED", "Invoice explained."),
]


def fill(tables: Tables, customers: list[Customer], web: str) -> None:
    """Everything of this module; ``web`` is the base of the URLs of our own offer pages."""
    ids = {offer.code: number for number, offer in enumerate(OFFERS, start=1)}
    for offer in OFFERS:
        _add_offer(tables, ids[offer.code], offer, web)
    _add_codes(tables)
    _add_failure(tables, customers)
    for past in HISTORY:
        _add_past_call(tables, past)


def _add_offer(tables: Tables, id_: int, offer: Offer, web: str) -> None:
    tables.add(
        "offer",
        id=id_,
        subscriber_id=offer.subscriber_id,
        code=offer.code,
        kind=offer.kind,
        title=offer.title,
        description=offer.description,
        script=offer.script,
        url=offer.full_url(web),
        value_cents=offer.value_cents,
        valid_from=date(2020, 1, 1),
        valid_to=offer.valid_to,
        active=offer.active,
        channels=list(offer.channels),
        group_id=offer.group and GROUP_IDS[offer.group],
        skill=offer.skill,
        cooldown_days=offer.cooldown_days,
        max_exposures=offer.max_exposures,
        prior_p=offer.prior_p,
        ivr_text=offer.ivr_text,
    )


def _add_codes(tables: Tables) -> None:
    for subscriber in (HALYARD, PANTRY):
        for sort, entry in enumerate(CODES, start=1):
            tables.add(
                "disposition_code",
                subscriber_id=subscriber,
                kind=entry.kind,
                code=entry.code,
                label=entry.label,
                resulting_status=entry.becomes,
                not_presented=entry.not_presented,
                sort=sort,
            )


def _add_failure(tables: Tables, customers: list[Customer]) -> None:
    """One failure that began before the world was made and has not ended."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    tables.add(
        "service_failure",
        id=1,
        subscriber_id=HALYARD,
        code=FAILURE.code,
        title=FAILURE.title,
        notice=FAILURE.notice,
        script=FAILURE.script,
        started=now - timedelta(hours=2),
        expected_end=now + timedelta(hours=6),
    )
    touched = [one for one in customers[len(NAMED) :] if one.subscriber == HALYARD][::TOUCHED_EVERY]
    for one in [customers[LENA - 1], *touched]:
        detail = FAILURE.detail.format(product=one.product, account=one.account)
        tables.add("service_failure_account", failure_id=1, account_id=one.id, detail=detail)


def _add_past_call(tables: Tables, past: PastCall) -> None:
    """So that the desk has a history to show."""
    one, started = NAMED[past.customer - 1], past.started
    tables.add(
        "call",
        id=past.id,
        subscriber_id=HALYARD,
        ani=one.phone,
        dnis="+12025550100",
        group_id=SERVICE,
        agent_id=past.agent,
        customer_id=past.customer,
        account_id=past.customer,
        identified_by=["ani"] if one.phone else ["account"],
        cti=Jsonb(_past_data(past.id, one)),
        route="queue",
        state="ended",
        outcome="answered",
        started=started,
        queued=started + timedelta(seconds=21),
        answered=started + timedelta(seconds=34),
        ended=started + timedelta(minutes=4, seconds=12),
    )
    _add_result(tables, past)
    tables.add(
        "call_note", call_id=past.id, agent_id=past.agent, body=past.note, updated_at=started
    )


def _add_result(tables: Tables, past: PastCall) -> None:
    tables.add(
        "disposition",
        call_id=past.id,
        kind=past.kind,
        subscriber_id=HALYARD,
        code_kind=past.kind,
        code=past.code,
        agent_id=past.agent,
        customer_id=past.customer,
        idempotency_key=f"demo-{past.id}",
        recorded_at=past.started + timedelta(minutes=5),
    )


def _past_data(id_: UUID, one: Customer) -> dict[str, str]:
    return {
        "CALL_ID": str(id_),
        "SUBSCRIBER": "halyard",
        "QUEUE": "halyard-service",
        "CUSTOMER_ID": one.code,
        "CUSTOMER_NAME": f"{one.first_name} {one.last_name}",
        "ACCOUNT_NUMBER": one.account,
    }
