"""What an order call asks the database: one question each, with a deadline.

Two things can go wrong, and the flow tells them apart: the database refuses (an exception of
``db/errors.py``: somebody else holds the draft), or it is away (:class:`OrdersAway`).
"""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cordboard.settings import Settings
from db.orders import ask_async
from db.queries import sql

Json = dict[str, Any]

#: Longest wait for an answer, seconds: the caller hears nothing meanwhile.
DEADLINE_S = 3.0


class OrdersAway(Exception):
    """The database does not answer in time."""


class Orders:
    """Asks; every answer is as in docs/architecture.md, "The regular customer"."""

    def __init__(self, pool: AsyncConnectionPool[Any], settings: Settings) -> None:
        self._pool = pool
        self._settings = settings

    async def callers(self, call: str, number: str = "") -> Json:
        """Clients by the call's number, or by one that was keyed.

        Raises:
            OrdersAway, UnknownCall.
        """
        answer: Json = await self._ask(sql.order_callers, call=call, number=number or None)
        return answer

    async def facts(self, customer: int) -> Json | None:
        """Everything about a client; None when there is no such client."""
        answer: Json | None = await self._ask(sql.order_facts, customer=customer)
        return answer

    async def choose(self, call: str, customer: int, *, keyed: bool) -> Json:
        """The client calls; answers everything about them.

        Raises:
            OrdersAway, UnknownCall, UnknownCustomer.
        """
        who = {"call": call, "customer": customer, "keyed": keyed}
        answer: Json = await self._ask(sql.choose_client, **who)
        return answer

    async def unchoose(self, call: str) -> None:
        """It is not that client who calls: the call is nobody's again.

        Raises:
            OrdersAway, UnknownCall.
        """
        await self._ask(sql.unchoose_client, call=call)

    async def hold(self, order: str, holder: str, seconds: int) -> Json | None:
        """Take or extend the hold on a draft; None when somebody else has it, or it is none."""
        hold = {"order": order, "holder": holder, "seconds": seconds, "from_holder": None}
        answer: Json | None = await self._ask(sql.hold_draft, **hold)
        return answer

    async def save(self, draft: Json) -> None:
        """Keep a draft.

        Raises:
            OrdersAway, DraftHeld, OrderOver, UnknownOrder, BadOrder.
        """
        await self._ask(sql.save_draft, draft=draft)

    async def told(self, order: str, location: str) -> None:
        """The client has heard at which location an order is made now.

        Raises:
            OrdersAway, OrderChanged, UnknownOrder, BadOrder.
        """
        await self._ask(sql.tell_client, order=order, location=location, by="client")

    async def drop(self, order: str, holder: str) -> None:
        """Nobody goes on with this draft."""
        await self._ask(sql.drop_draft, order=order, holder=holder)

    async def place(self, draft: Json) -> Json:
        """Place it, once; answers the order.

        Raises:
            OrdersAway, PriceChanged, LocationCannotServe, DraftHeld, OrderOver, UnknownOrder,
                BadOrder.
        """
        answer: Json = await self._ask(sql.place_order, draft=draft)
        return answer

    async def cancel(self, order: str, customer: int) -> None:
        """The client takes an order back.

        Raises:
            OrdersAway, OrderOver, UnknownOrder.
        """
        await self._ask(sql.cancel_order, order=order, customer=customer)

    async def order(self, order: str) -> Json | None:
        """An order as pages and desks show it."""
        answer: Json | None = await self._ask(sql.order_json, order=order)
        return answer

    async def prefer(self, customer: int, *, no_automation: bool) -> None:
        """The client said by a key whether to be served by keys."""
        preference = {"no_automation": no_automation, "origin": "client"}
        await self._ask(sql.set_preference, customer=customer, **preference)

    async def count_zero(self, customer: int, *, at_once: bool) -> None:
        """0 was the first key, or was not."""
        await self._ask(sql.count_zero, customer=customer, at_once=at_once)

    async def assign_speed_dial(self, customer: int, digits: int, name: str, basket: Json) -> None:
        """``*digits`` orders this from now on.

        Raises:
            OrdersAway, BadOrder.
        """
        dial = {"digits": digits, "name": name, "basket": basket}
        await self._ask(sql.assign_speed_dial, customer=customer, **dial)

    async def enrol(self, enrolment: Json, name: bytes | None, address: bytes | None) -> Json:
        """A new client, once by the enrolment's id; answers the customer's id among others.

        Raises:
            OrdersAway, BadOrder.
        """
        sounds = {"name_wav": name, "address_wav": address}
        answer: Json = await self._ask(sql.enrol_client, enrolment=enrolment, **sounds)
        return answer

    async def keep_audio(self, customer: int, what: str, wav: bytes, call: str) -> None:
        """A recording of a client whom we know."""
        await self._ask(sql.keep_audio, customer=customer, what=what, wav=wav, call=call)

    async def audio(self, customer: int, what: str) -> bytes | None:
        """What a client recorded; None without."""
        answer = await self._ask(sql.client_audio, customer=customer, what=what)
        return bytes(answer) if answer else None

    async def make_web_code(self, customer: int, number: str, digest: bytes) -> None:
        """A code that links a browser to the client.

        Raises:
            OrdersAway, UnknownCustomer.
        """
        await self._ask(sql.make_web_code, customer=customer, number=number, hash=digest)

    async def _ask(self, query: bytes, **given: Any) -> Any:
        try:
            async with (
                asyncio.timeout(DEADLINE_S),
                self._pool.connection(timeout=DEADLINE_S) as connection,
            ):
                return await ask_async(connection, self._settings, query, **given)
        except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as error:
            raise OrdersAway(repr(error)) from error
