"""A visitor's own call, and nobody else's: stream, acknowledgements, presence, end, survey."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
import redis
from flask import Flask

from cordboard import keys
from cordboard.visitor_events import TalkEnded
from support.database import Database
from support.talk_browser import Browser
from support.visitor_scene import VisitorScene
from support.web import Message, messages

NewBrowser = Callable[[], Browser]


@pytest.fixture
def scene_of(live: redis.Redis, database: Database) -> Callable[[Browser], VisitorScene]:
    return lambda browser: VisitorScene(live, database, browser.ask())


def follow(browser: Browser, *, query: str = "", last: str = "") -> Iterator[Message]:
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
    answer = browser.client.get(f"/talk/events?{query}", headers=headers, buffered=False)
    assert answer.status_code == 200, answer.text
    return (message for message in messages(answer) if message.type != "heartbeat")


def post(browser: Browser, url: str, **fields: str) -> int:
    headers = {"X-Requested-With": "fetch", "X-CSRFToken": browser.hidden("token")}
    return browser.client.post(url, data=fields, headers=headers).status_code


def test_the_stream_is_the_visitors_own_and_resumes(
    browser: Browser, new_browser: NewBrowser, scene_of: Callable[[Browser], VisitorScene]
) -> None:
    other = new_browser()
    mine, theirs = scene_of(browser), scene_of(other)
    stream = follow(browser, query=f"sid=pantry&visitor={theirs.visitor}")
    theirs.leg("customer", "ringing")
    mine.leg("customer", "dialling", "ringing")
    first = next(stream)
    assert first.data == {"leg": "customer", "state": "dialling"}
    stream.close()
    mine.leg("customer", "answered")
    again = follow(browser, query="sid=pantry", last=first.id)
    assert [next(again).data["state"] for _ in range(2)] == ["ringing", "answered"]


@pytest.mark.parametrize("what", ["", "/state"])
def test_another_browser_does_not_see_the_call(
    browser: Browser, new_browser: NewBrowser, what: str
) -> None:
    request = browser.ask()
    url = f"/talk/pantry/call/{request}"
    assert browser.client.get(url + what).status_code == 200
    other = new_browser()
    assert other.client.get(url + what).status_code == 404
    other.ask()
    assert other.client.get(url + what).status_code == 404
    for action in ("cancel", "end", "survey"):
        assert post(other, f"{url}/{action}", score="5") == 404


def test_without_a_session_there_is_no_stream(app: Flask) -> None:
    assert app.test_client().get("/talk/events").status_code == 401


def test_a_push_is_acknowledged_by_its_visitor_alone(
    browser: Browser,
    new_browser: NewBrowser,
    scene_of: Callable[[Browser], VisitorScene],
    database: Database,
) -> None:
    scene = scene_of(browser).dial().connect()
    push = scene.push("Gift baskets", "https://shop.example.com/baskets")
    other = new_browser()
    other.ask()
    assert post(other, f"/talk/pushes/{push}/shown") == 404
    assert post(browser, f"/talk/pushes/{uuid.uuid4()}/shown") == 404
    assert scene.desk_heard("page.shown") == []
    assert post(browser, f"/talk/pushes/{push}/shown") == 200
    assert post(browser, f"/talk/pushes/{push}/shown") == 200
    assert len(scene.desk_heard("page.shown")) == 1


def test_seconds_only_grow_and_never_past_what_has_passed(
    browser: Browser, scene_of: Callable[[Browser], VisitorScene], database: Database
) -> None:
    scene = scene_of(browser).dial().connect()
    push = scene.push("Gift baskets", "https://shop.example.com/baskets")
    database.rows(
        "UPDATE page_push SET pushed_at = now() - interval '60 s' WHERE id = %s RETURNING id", push
    )
    stored = "SELECT viewed_seconds FROM page_push WHERE id = %s"
    for sent, kept in (("12", 12), ("5", 12), ("99999", 61)):
        assert post(browser, f"/talk/pushes/{push}/viewed", seconds=sent) == 200
        assert kept <= database.value(stored, push) <= kept + 2
    for bad in ("", "-1", "x", "1.5", "9" * 50, "٣"):
        assert post(browser, f"/talk/pushes/{push}/viewed", seconds=bad) == 422
    assert scene.desk_heard("page.viewed")[0]["seconds"] == 12


def test_the_agent_is_told_once_that_the_visitor_left(
    browser: Browser,
    scene_of: Callable[[Browser], VisitorScene],
    live: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webdesk.talk.presence.GRACE_S", 0.05)
    scene = scene_of(browser).dial().connect()
    one, two = (follow(browser, query=f"sid=pantry&page={n}-page-name") for n in ("one", "two"))
    scene.leg("customer", "answered")
    next(one), next(two)
    assert live.zcard(keys.presence(scene.visitor)) == 2
    one.close()
    assert live.zcard(keys.presence(scene.visitor)) == 1
    assert post(browser, "/talk/bye?page=two-page-name") == 204
    scene.desk_hears("visitor.left", within=5)
    two.close()
    assert not live.exists(keys.presence(scene.visitor))
    again = follow(browser, query="sid=pantry&page=three-page-name")
    scene.leg("customer", "answered")
    next(again)
    scene.desk_hears("visitor.returned", within=5)
    assert len(scene.desk_heard("visitor.left")) == 1
    again.close()


def test_a_request_is_taken_back_once(
    browser: Browser, scene_of: Callable[[Browser], VisitorScene]
) -> None:
    scene = scene_of(browser)
    url = f"/talk/pantry/call/{scene.request}"
    assert post(browser, f"{url}/cancel") == 204
    assert scene.row["state"] == "cancelled"
    assert post(browser, f"{url}/cancel") == 204
    assert browser.client.post(f"{url}/cancel").status_code == 400


def test_the_end_of_a_call_is_asked_of_the_app(
    browser: Browser, scene_of: Callable[[Browser], VisitorScene]
) -> None:
    scene = scene_of(browser).dial().connect()
    assert post(browser, f"/talk/pantry/call/{scene.request}/end") == 204
    assert scene.asked_to_end() == ["visitor"]


def test_a_survey_is_for_a_call_that_is_over(
    browser: Browser, scene_of: Callable[[Browser], VisitorScene], database: Database
) -> None:
    scene = scene_of(browser).dial().connect()
    url = f"/talk/pantry/call/{scene.request}/survey"
    assert post(browser, url, score="5") == 409
    # The page says good-bye before the record knows.
    scene.tell(TalkEnded(scene.call, 0, "answered"))
    assert post(browser, url, score="5") == 204
    scene.hang_up()
    for bad in ("", "0", "6", "x"):
        assert post(browser, url, score=bad) == 422
    assert post(browser, url, score="4", comment="x" * 1001) == 422
    assert post(browser, url, score="4", comment="ok\0") == 204
    assert post(browser, url, score="2", comment="no") == 204
    rows = database.rows(
        "SELECT score, comment FROM visitor_survey WHERE request_id = %s", scene.request
    )
    assert rows == [{"score": 2, "comment": "no"}]
