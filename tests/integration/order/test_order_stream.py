"""A client's stream says which order changed, goes on where it stopped, and says no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
import pytest
import redis

from cordboard import keys
from support.database import Database
from support.order_browser import OrderBrowser, new_client
from support.web import Message, messages
from webdesk.order.stream import MOST_OPEN

NewBrowser = Callable[[], OrderBrowser]


def follow(browser: OrderBrowser, position: str = "", last: str = "") -> Iterator[Message]:
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
    url = f"/order/pantry/events?from={position}"
    answer = browser.client.get(url, headers=headers, buffered=False)
    assert answer.status_code == 200
    return (message for message in messages(answer) if message.type != "heartbeat")


def tell(live: redis.Redis, customer: int, order: str, kind: str = "order.changed") -> str:
    data = orjson.dumps({"order": order, "client": {"street": "1 Reed Street"}})
    entry = live.xadd(keys.client(customer), {"type": kind, "data": data})
    return str(entry.decode())  # type: ignore[union-attr]


def test_what_changed_is_named_and_nothing_else(
    browser: OrderBrowser, live: redis.Redis, tess: int
) -> None:
    first = tell(live, tess, "one")
    tell(live, tess, "hidden", kind="something.else")
    last = tell(live, tess, "two")
    told = follow(browser, position="0-0")
    assert [(m.id, m.data) for m in (next(told), next(told))] == [
        (first, {"order": "one"}),
        (last, {"order": "two"}),
    ]


def test_it_goes_on_after_the_last_event(
    browser: OrderBrowser, live: redis.Redis, tess: int
) -> None:
    first = tell(live, tess, "one")
    tell(live, tess, "two")
    assert next(follow(browser, position="0-0", last=first)).data == {"order": "two"}


def test_a_client_hears_nothing_of_another(
    browser: OrderBrowser, new_browser: NewBrowser, live: redis.Redis, tess: int
) -> None:
    tell(live, tess + 1, "theirs")
    tell(live, tess, "mine")
    assert next(follow(browser, position="0-0")).data == {"order": "mine"}


def test_one_client_keeps_so_many_pages_told(
    browser: OrderBrowser, new_browser: NewBrowser, live: redis.Redis, database: Database, tess: int
) -> None:
    url = "/order/pantry/events"
    open_ = [browser.client.get(url, buffered=False) for _ in range(MOST_OPEN)]
    told = [next(messages(answer)) for answer in open_]
    assert {message.type for message in told} == {"heartbeat"}
    refused = browser.client.get(url)
    assert refused.status_code == 429
    assert "Too many pages of yours are open" in refused.text
    other = new_browser().link(new_client(database))
    assert other.client.get(url, buffered=False).status_code == 200, "others have their own"
    open_.pop().close()
    assert browser.client.get(url, buffered=False).status_code == 200


@pytest.mark.parametrize("method", ["head", "post"])
def test_a_stream_is_only_read(browser: OrderBrowser, method: str) -> None:
    answer = getattr(browser.client, method)("/order/pantry/events")
    assert answer.status_code == 405
