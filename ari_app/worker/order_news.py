"""Changes of orders, as PostgreSQL tells them, reach boards, desks and clients: once, none missed.

Several workers hear the same news; the first one tells it. What changed while a worker heard
nothing is looked up from the newest change that was told, when it listens again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis

from ari_app.worker.hearing import hear
from ari_app.worker.parts import Parts
from cordboard import keys
from cordboard.orders.messages import messages
from cordboard.orders.payment import pay_address
from db.queries import sql

Json = dict[str, Any]

CHANNEL = "sales_order"
CHANGED = "order.changed"
#: Looked up at once.
BATCH = 200
#: A change may become visible so long after the moment that it bears, in a slow transaction.
SLOW = timedelta(seconds=30)
#: Where nobody knows what was told last, pages load their state anew; e-mails of this time go out.
UNKNOWN = timedelta(hours=1)
FIRST = UUID(int=0)

#: KEYS: mark, streams. ARGV: seconds of the mark, entries and seconds of a stream, type, data.
TELL_ONCE = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
for i = 2, #KEYS do
  redis.call('XADD', KEYS[i], 'MAXLEN', '~', ARGV[2], '*', 'type', ARGV[4], 'data', ARGV[5])
  redis.call('EXPIRE', KEYS[i], ARGV[3])
end
return 1
"""


async def listen(parts: Parts, wake: Callable[[], None]) -> None:
    """Listen until cancelled; ``wake`` is called when an order may have to be accepted sooner."""

    async def begin() -> None:
        await look_up(parts)
        wake()

    async def changed(change: Json) -> None:
        if change["state"] == "placed":
            wake()
        await tell_order(parts, change["order"], change["was_at"])

    await hear(parts, "orders", CHANNEL, begin=begin, tell=changed)


async def look_up(parts: Parts) -> int:
    """Tell all that changed since the newest change that was told; answers how many orders."""
    told: Any = await parts.redis.get(keys.ORDERS_TOLD)
    since = datetime.fromisoformat(told) - SLOW if told else datetime.now(UTC) - UNKNOWN
    after, count = FIRST, 0
    while rows := await _rows(parts, sql.order_news_since, since=since, after=after, limit=BATCH):
        for row in rows:
            await tell(parts, row)
        since, after = rows[-1]["updated_at"], rows[-1]["id"]
        count += len(rows)
    return count


async def tell_order(parts: Parts, order: str, was_at: int | None) -> None:
    """Tell how an order is now; ``was_at`` is the location that it was at before the change."""
    for row in await _rows(parts, sql.order_news, order=order):
        await tell(parts, row, was_at)


async def tell(parts: Parts, row: Json, was_at: int | None = None) -> bool:
    """Tell one order to all whom it concerns; False: this version of it was told before."""
    order = row["order"]
    for message in messages(order, datetime.now(UTC), _pay_address(parts, order)):
        values = {"id": message.id, "subject": message.subject, "body": message.body}
        await _rows(parts, sql.queue_message, order=row["id"], **values)
    boards = {row["location_id"], was_at, *row["passed_over"]} - {None}
    streams = [keys.board(location) for location in sorted(boards)]
    streams += [keys.orders(row["subscriber_id"]), keys.client(row["customer_id"])]
    mark = keys.order_told(str(row["id"]), row["version"])
    first = await _tell_once(parts.redis, mark, streams, orjson.dumps(order))
    await parts.redis.set(keys.ORDERS_TOLD, row["updated_at"].isoformat())
    return first


def _pay_address(parts: Parts, order: Json) -> str:
    settings = parts.settings
    if not settings.payment_provider:
        return ""
    secret = settings.secret_key.get_secret_value()
    return pay_address(settings.web, order["subscriber"]["code"], order["order"], secret)


async def _tell_once(redis: Redis, mark: str, streams: list[str], data: bytes) -> bool:
    """Mark and entries at once: a worker that dies has told all of them or none."""
    numbers = (keys.ORDER_TOLD_S, keys.ORDERS_MAXLEN, keys.ORDERS_S)
    names = [mark, *streams]
    answer: Any = redis.eval(TELL_ONCE, len(names), *names, *map(str, numbers), CHANGED, data)
    return bool(await answer)


async def _rows(parts: Parts, query: bytes, **values: Any) -> list[Json]:
    values["change_minutes"] = parts.settings.order_change_minutes
    async with parts.pool.connection(timeout=5) as connection:
        rows: list[Json] = await (await connection.execute(query, values)).fetchall()
    return rows
