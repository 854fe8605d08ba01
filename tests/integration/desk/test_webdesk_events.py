"""The live stream: nothing missed, nothing told twice, nobody else's events."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import redis
from flask import Flask

from cordboard import keys
from cordboard.events import NoteSaved
from cordboard.sipp import eventually
from support.scene import Scene
from support.web import Message, Web
from webdesk.events import FORWARDED


def position_of(web: Web) -> str:
    found: str = web.get("/desk/state").json["position"]
    return found


def say(scene: Scene, *bodies: str) -> None:
    for body in bodies:
        scene.tell(NoteSaved("some-call", body))


def bodies(messages: list[Message]) -> list[str]:
    return [message.data["body"] for message in messages]


def test_what_happens_between_page_and_stream_is_told(web: Web, ava: Scene) -> None:
    web.enter(ava)
    position = position_of(web)
    say(ava, "one", "two")
    stream = web.follow(position)
    assert bodies([next(stream), next(stream)]) == ["one", "two"]
    say(ava, "three")
    assert bodies([next(stream)]) == ["three"]


def test_a_request_for_the_head_alone_follows_nothing(web: Web, ava: Scene, app: Flask) -> None:
    web.enter(ava)
    assert web.client.head("/desk/events").status_code == 405
    assert len(app.extensions["cordboard"].hub) == 0


def test_a_cut_stream_goes_on_after_the_last_event(web: Web, ava: Scene) -> None:
    web.enter(ava)
    stream = web.follow(position_of(web))
    say(ava, "one", "two")
    first = next(stream)
    stream.close()
    say(ava, "three")
    again = web.follow("0-0", last_event_id=first.id)
    assert bodies([next(again), next(again)]) == ["two", "three"]


def test_each_event_is_told_once_while_many_are_written(web: Web, ava: Scene) -> None:
    web.enter(ava)
    position = position_of(web)
    count = 200
    writer = threading.Thread(target=say, args=(ava, *map(str, range(count))))
    writer.start()
    stream = web.follow(position)
    heard = bodies([next(stream) for _ in range(count)])
    writer.join()
    assert heard == [str(number) for number in range(count)]


def test_two_desks_of_one_agent_hear_the_same(app: Flask, ava: Scene) -> None:
    desks = [Web(app), Web(app)]
    for desk in desks:
        desk.enter(ava)
    streams = [desk.follow(position_of(desk)) for desk in desks]
    desks[0].post("/desk/agent/pause", reason="training")
    heard = [next(stream) for stream in streams]
    assert [m.type for m in heard] == ["agent.state_changed"] * 2
    assert [m.data["reason"] for m in heard] == ["training"] * 2
    assert heard[0].id == heard[1].id


def test_nobody_hears_another_agents_events(app: Flask, ava: Scene, ben: Scene) -> None:
    desk = Web(app)
    desk.enter(ben)
    stream = desk.follow(position_of(desk))
    say(ava, "for ava")
    say(ben, "for ben")
    assert bodies([next(stream)]) == ["for ben"]


def test_a_trimmed_stream_means_reset(web: Web, ava: Scene, live: redis.Redis) -> None:
    web.enter(ava)
    position = position_of(web)
    say(ava, *map(str, range(20)))
    live.xtrim(keys.desk(ava.agent), maxlen=5, approximate=False)
    assert [m.type for m in web.follow(position)] == ["reset"]
    stream = web.follow(position_of(web))
    say(ava, "whole again")
    assert bodies([next(stream)]) == ["whole again"]


def test_a_redis_that_lost_its_data_means_reset(web: Web, ava: Scene, live: redis.Redis) -> None:
    web.enter(ava)
    position = position_of(web)
    live.delete(keys.desk(ava.agent))
    assert [m.type for m in web.follow(position)] == ["reset"]


def test_rubbish_as_position_means_from_now(web: Web, ava: Scene) -> None:
    web.enter(ava)
    say(ava, "old")
    stream = web.follow("0-0 COUNT 5", last_event_id="<x>")
    say(ava, "new")
    assert bodies([next(stream)]) == ["new"]


def test_log_out_ends_the_streams_of_this_session_only(app: Flask, ava: Scene) -> None:
    leaving, staying = Web(app), Web(app)
    for desk in (leaving, staying):
        desk.enter(ava)
    ended, kept = leaving.follow(position_of(leaving)), staying.follow(position_of(staying))
    leaving.log_out()
    # The goodbye is last; off duty may be told before or after it.
    assert [m.type for m in ended][-1] == "signed_out"
    news = next(kept)
    assert (news.type, news.data["state"]) == ("agent.state_changed", "offline")
    staying.post("/desk/agent/available")
    assert ava.state == "available"


def test_a_stream_needs_a_log_in(web: Web) -> None:
    answer = web.client.get("/desk/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


def test_what_is_not_for_browsers_stays_here(web: Web, ava: Scene, live: redis.Redis) -> None:
    web.enter(ava)
    stream = web.follow(position_of(web))
    live.xadd(keys.desk(ava.agent), {"type": "internal.secret", "data": "{}"})
    say(ava, "after")
    assert next(stream).type == "note.saved"
    assert "session.closed" not in FORWARDED


def test_the_hub_lets_go_of_streams_nobody_follows(app: Flask, web: Web, ava: Scene) -> None:
    web.enter(ava)
    hub = app.extensions["cordboard"].hub
    stream = web.follow(position_of(web))
    say(ava, "one")
    next(stream)
    assert len(hub) == 1
    stream.close()
    eventually(lambda: len(hub) == 0, within=5, what="nobody follows any more")


def test_many_desks_may_come_back_at_once(app: Flask, ava: Scene) -> None:
    hub = app.extensions["cordboard"].hub
    with ThreadPoolExecutor(150) as pool:
        followed = list(pool.map(lambda _: hub.follow(keys.desk(ava.agent), "0-0"), range(150)))
    assert len(hub) == 150
    say(ava, "to all")
    for subscription, _ in followed:
        entry = subscription.take(5)
        assert entry is not None
        assert entry.type == "note.saved"
        hub.leave(subscription)
