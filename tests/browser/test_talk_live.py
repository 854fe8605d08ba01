"""A visitor's pages stay true: two tabs, two visitors, a stream cut, a browser that goes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import redis
from playwright.sync_api import expect
from talk_words import Visit, phase

from conftest import Windows
from cordboard import keys
from cordboard.sipp import eventually
from support import stack as local

BASKETS = "Gift baskets"


def test_two_tabs_of_one_visitor_show_the_same(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    scene = visit.ask(page)
    tab = page.context.new_page()
    tab.goto(page.url)
    scene.dial().leg("customer", "ringing")
    for each in (page, tab):
        expect(each.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    scene.connect()
    push = scene.push(BASKETS, visit.shop())
    for each in (page, tab):
        phase(each, "talk")
        expect(each.locator(".shown")).to_have_attribute("data-push", push)
    scene.hang_up()
    for each in (page, tab):
        phase(each, "done")


def test_another_visitor_never_sees_it(windows: Windows, visit: Visit) -> None:
    one, other = windows.open(), windows.open()
    mine, theirs = visit.ask(one).dial().connect(), visit.ask(other).dial().connect()
    assert mine.visitor != theirs.visitor
    push = mine.push(BASKETS, visit.shop())
    expect(one.locator(".shown")).to_have_attribute("data-push", push)
    seen = theirs.push("Fresh coffee", visit.shop("/coffee"))
    expect(other.locator(".shown")).to_have_attribute("data-push", seen)
    expect(other.locator("#history li")).to_have_count(1)
    expect(one.locator("#history li")).to_have_count(1)

    answer = other.goto(one.url)
    assert answer is not None
    assert answer.status == 404
    expect(other.locator("h1")).to_have_text("There is no such call")


def test_a_cut_stream_resumes_with_nothing_missed(windows: Windows, visit: Visit) -> None:
    page = windows.open()
    scene = visit.ask(page).dial().leg("customer", "ringing")
    expect(page.locator("[data-leg=customer]")).to_have_attribute("data-state", "ringing")
    page.route("**/talk/events*", lambda route: route.abort())
    web = local.pid_of(visit.settings, "web")
    for worker in Path(f"/proc/{web}/task/{web}/children").read_text().split():
        os.kill(int(worker), signal.SIGKILL)
    expect(page.locator("#link")).to_have_attribute("data-link", "lost")
    scene.connect()
    push = scene.push(BASKETS, visit.shop())
    eventually(lambda: local.answers(visit.settings, "web"), within=20, what="the web is back")
    page.unroute("**/talk/events*")
    expect(page.locator("#link")).to_have_attribute("data-link", "live")
    phase(page, "talk")
    expect(page.locator(".shown")).to_have_attribute("data-push", push)


def test_what_can_no_longer_be_told_is_loaded_anew(
    windows: Windows, visit: Visit, live: redis.Redis
) -> None:
    page = windows.open()
    scene = visit.ask(page).dial()
    phase(page, "connect")
    page.route("**/talk/events*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#link")).to_have_attribute("data-link", "lost")
    scene.connect().push(BASKETS, visit.shop())
    scene.hang_up()
    live.xtrim(keys.visitor(scene.visitor), maxlen=1, approximate=False)
    page.unroute("**/talk/events*")
    phase(page, "done")
    expect(page.locator(".page-list li")).to_have_text([BASKETS])


def test_the_agent_is_told_when_the_visitor_leaves_and_returns(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    scene = visit.ask(page).dial().connect()
    tab = page.context.new_page()
    tab.goto(page.url)
    phase(tab, "talk")
    page.goto(visit.shop("/coffee", "127.0.0.1"))
    tab.reload()
    phase(tab, "talk")
    # One page has gone and the other was loaded anew: the visitor was there all the time.
    tab.goto("about:blank")
    scene.desk_hears("visitor.left")
    assert len(scene.desk_heard("visitor.left")) == 1
    page.go_back()
    scene.desk_hears("visitor.returned")
    phase(page, "talk")


def test_another_call_of_the_same_visitor_leaves_the_old_page_alone(
    windows: Windows, visit: Visit
) -> None:
    page = windows.open()
    first = visit.ask(page).dial().connect()
    first.hang_up()
    phase(page, "done")
    tab = page.context.new_page()
    second = visit.ask(tab, "FAST").dial().connect()
    phase(tab, "talk")
    second.push(BASKETS, visit.shop())
    expect(tab.locator("#history li")).to_have_count(1)
    phase(page, "done")
    expect(page.locator(".page-list li")).to_have_count(0)
