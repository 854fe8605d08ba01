"""Who gets in, for how long, and to which pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from support.database import Database
from support.scene import Scene
from support.web import Web
from webdesk import sessions


def test_a_page_asked_for_leads_through_the_log_in_back_to_itself(web: Web) -> None:
    first = web.client.get("/offers/X-1?call=7")
    assert first.status_code == 302
    assert first.location == "/login?next=/offers/X-1?call%3D7"
    form = {"username": "ava", "password": "cordboard-demo", "csrf_token": web.read_token()}
    answer = web.client.post(first.location, data=form)
    assert answer.location == "/offers/X-1?call=7"


def test_a_script_is_told_instead_of_led(web: Web) -> None:
    answer = web.get("/desk/state")
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "log-in"


@pytest.mark.parametrize("page", ["//evil.example", "/\\evil.example", "https://evil.example/"])
def test_the_log_in_leads_to_no_other_site(web: Web, page: str) -> None:
    form = {"username": "ava", "password": "cordboard-demo", "csrf_token": web.read_token()}
    answer = web.client.post("/login", query_string={"next": page}, data=form)
    assert answer.location == "/desk"


def test_the_cookie_is_kept_from_scripts_and_other_sites(web: Web) -> None:
    cookies = web.log_in("ava").headers.getlist("Set-Cookie")
    assert cookies
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_the_cookie_goes_over_https_only_where_there_is_https(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(web_url="https://desk.example")
    web = Web(app)
    answer = web.client.get("/login")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(
    ("username", "page"), [("ava", "/desk"), ("sofia", "/floor"), ("olga", "/ops")]
)
def test_each_role_starts_on_its_own_page(web: Web, username: str, page: str) -> None:
    assert web.log_in(username).location == page
    assert web.client.get(page).status_code == 200
    assert web.client.get("/").location == page


@pytest.mark.parametrize(
    ("username", "page"),
    [("ava", "/floor"), ("ava", "/ops"), ("sofia", "/desk"), ("sofia", "/ops"), ("olga", "/desk")],
)
def test_no_role_sees_another_ones_pages(web: Web, username: str, page: str) -> None:
    web.log_in(username)
    assert web.client.get(page).status_code == 403


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(web: Web) -> None:
    wrong = web.log_in("ava", "not this")
    unknown = web.log_in("nobody", "not this")
    assert wrong.status_code == unknown.status_code == 401
    assert "do not belong together" in wrong.text
    assert "do not belong together" in unknown.text
    assert web.client.get("/desk").status_code == 302


@pytest.mark.parametrize(
    "username", ["", "x" * 65, "' OR 1=1 --", "ava\x00", "ava\r\nSet-Cookie: a=b"]
)
def test_hostile_names_are_refused(web: Web, username: str) -> None:
    assert web.log_in(username, "x").status_code in (401, 422)


def test_an_account_that_was_switched_off_stays_out(web: Web, database: Database) -> None:
    with database.changed("user_account", {"username": "fay"}, active=False):
        assert web.log_in("fay").status_code == 401


def test_too_many_failed_tries_close_the_door_for_this_name_only(web: Web) -> None:
    for _ in range(5):
        assert web.log_in("ava", "guess").status_code == 401
    refused = web.log_in("ava")
    assert refused.status_code == 429
    assert "Wait a minute" in refused.text
    assert web.log_in("ben").status_code == 302


def test_log_ins_that_succeed_are_not_counted(app: Flask) -> None:
    for _ in range(8):
        assert Web(app).log_in("ava").status_code == 302


def test_a_form_without_its_token_changes_nothing(web: Web, ava: Scene) -> None:
    web.log_in("ava")
    web.token = "another"
    answer = web.post("/desk/agent/pause", reason="lunch")
    assert answer.status_code == 400
    assert answer.json["code"] == "stale-form"


def test_log_out_ends_the_session_for_copies_of_the_cookie_too(web: Web, app: Flask) -> None:
    web.log_in("ava")
    thief = Web(app)
    for cookie in web.client._cookies.values():
        thief.client.set_cookie(cookie.key, cookie.value)
    assert thief.client.get("/desk").status_code == 200
    assert web.log_out().location == "/login"
    assert thief.client.get("/desk").status_code == 302


def test_logging_in_brings_an_agent_on_duty_paused_and_out_takes_them_off(
    web: Web, ava: Scene
) -> None:
    web.log_in("ava")
    assert ava.state == "paused"
    web.log_out()
    assert ava.state == "offline"


def test_a_second_log_in_keeps_what_the_first_one_chose(app: Flask, ava: Scene) -> None:
    first, second = Web(app), Web(app)
    first.log_in("ava")
    first.post("/desk/agent/pause", reason="lunch")
    second.log_in("ava")
    agent = second.get("/desk/state").json["agent"]
    assert (agent["state"], agent["reason"], agent["chosen"]) == ("paused", "lunch", "paused")
    first.post("/desk/agent/available")
    Web(app).log_in("ava")
    assert first.get("/desk/state").json["agent"]["chosen"] == "available"


def test_every_page_carries_the_policy_and_is_not_kept(web: Web) -> None:
    answer = web.client.get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_without_redis_people_and_scripts_are_told(
    web: Web, ava: Scene, make_app: Callable[..., Flask]
) -> None:
    web.enter(ava)
    cut_off = Web(make_app(redis_url="redis://127.0.0.1:1/0"))
    for cookie in web.client._cookies.values():
        cut_off.client.set_cookie(cookie.key, cookie.value)
    page = cut_off.client.get("/desk")
    assert page.status_code == 503
    assert "live state does not answer" in page.text
    assert cut_off.get("/desk/state").json["code"] == "redis-away"
    assert cut_off.client.get("/desk/events").status_code == 503


def test_health_is_open_and_figures_are_for_this_machine_only(web: Web) -> None:
    assert web.client.get("/healthz").status_code == 200
    assert web.client.get("/readyz").status_code == 200
    figures = web.client.get("/metrics").text
    assert "cordboard_web_event_streams" in figures
    assert 'cordboard_web_request_seconds_count{status="200",view="health.health"}' in figures
    outside = {"REMOTE_ADDR": "192.0.2.1"}
    assert web.client.get("/metrics", environ_base=outside).status_code == 404


def test_who_is_dismissed_is_logged_out(
    web: Web, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.log_in("fay")
    assert web.get("/desk/state").status_code == 200
    monkeypatch.setattr(sessions, "CHECK_S", 0)
    assert web.get("/desk/state").status_code == 200
    with database.changed("user_account", {"username": "fay"}, active=False):
        assert web.get("/desk/state").status_code == 401
    assert web.get("/desk/state").status_code == 401, "the session is over for good"


@pytest.mark.parametrize(("proxies", "status"), [(0, 200), (1, 404)], ids=["direct", "proxied"])
def test_behind_a_proxy_the_visitor_counts(
    make_app: Callable[..., Flask], proxies: int, status: int
) -> None:
    client = make_app(web_proxies=proxies).test_client()
    answer = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == status
