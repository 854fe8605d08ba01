"""The shop's story: a regular's usual order, a new client, an order on the web. Top to bottom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser

from cordboard.demo.browser import Album, chromium, window
from cordboard.demo.shop_call import ORDER_LINE, OrderTalk
from cordboard.demo.shop_pages import Board, OrderPages, WorkList
from cordboard.demo.shop_world import ShopWorld
from cordboard.demo.story import Story
from cordboard.settings import Settings

AGENT, COUNTER, SHOP = "hana", "loop", "pantry"
#: Rosa's own number, and two that nobody has.
ROSA, NEW, AT_HOME = "+13125550150", "+13125550166", "+13125550167"
#: A usual order takes no longer, seconds from the first ring to the thanks.
USUAL_S = 20.0


@dataclass(slots=True)
class Stage:
    """Who plays."""

    settings: Settings
    story: Story
    browser: Browser
    album: Album
    world: ShopWorld
    board: Board

    def arrives(self, order: str, who: str) -> None:
        """The board shows it, with no reload."""
        column = f"the board of Corner Pantry Loop shows {who} as new"
        self.story.await_(column, lambda: self.board.column_of(order) == "placed")

    def moves(self, order: str, deed: str, column: str, words: str) -> None:
        """The counter presses a button; board and database agree."""
        self.board.press(order, deed)
        self.story.await_(words, lambda: self.board.column_of(order) == column)


@contextmanager
def stage(settings: Settings, story: Story) -> Iterator[Stage]:
    """A browser, the location's board, the database."""
    with ExitStack() as end:
        world = ShopWorld(settings)
        end.callback(world.close)
        world.begin_anew(ROSA, NEW, AT_HOME)
        browser = end.enter_context(chromium())
        album = Album(settings.run / "demo", "shop-")
        board = Board(window(browser, 1280, 800), settings, COUNTER)
        yield Stage(settings, story, browser, album, world, board)


def usual_order(stage: Stage) -> None:
    """Rosa calls, hears her usual, presses 1 and 1; the location makes it."""
    story, board = stage.story, stage.board
    story.heading("The regular customer: the usual order in two keys")
    stage.album.take(board.page, "board-before")
    with closing(OrderTalk(stage.settings, ROSA)) as rosa:
        began = time.monotonic()
        call = rosa.dial()
        story.tell(f"Rosa Klein calls {ORDER_LINE} from {ROSA}")
        rosa.answers(("main", "1"))
        story.claim("she hears her usual order first, and presses 1", true=True)
        rosa.answers(("readback", "1"))
        rosa.hears("done")
        took = time.monotonic() - began
        story.claim(f"reads back, 1 again: ordered after {took:.1f} s", took < USUAL_S)
        order = story.await_("it is stored once", lambda: stage.world.order_of_call(call))
        story.claim("as her first usual order", order["suggestion"] == 1)
        stage.arrives(order["order"], f"order {order['number']}")
        story.claim("with what she has", "oat milk" in board.words(order["order"]))
        stage.album.take(board.page, "board-new")
        rosa.caller.hang_up()
    stage.moves(order["order"], "accept", "accepted", "the counter accepts it")
    stage.moves(order["order"], "ready", "ready", "it is ready")
    stage.moves(order["order"], "hand-over", "done", "and handed over")
    stage.album.take(board.page, "board-after")
    story.await_(
        "the timeline has each step",
        lambda: (
            [event["name"] for event in stage.world.order(order["order"])["timeline"]][-3:]
            == ["order.accepted", "order.ready", "order.handed_over"]
        ),
    )


def new_client(stage: Stage) -> None:
    """Somebody new enrols by telephone; an agent listens and types."""
    story = stage.story
    story.heading("A new client enrols by telephone")
    with closing(OrderTalk(stage.settings, NEW)) as new:
        call = new.dial()
        story.tell(f"somebody calls from {NEW}, a number that nobody has")
        new.answers(("new", "1"), ("enrol_number", "1"))
        new.says("enrol_name", 1.5)
        new.says("enrol_address", 1.5)
        story.claim("says name and address, which are recorded", true=True)
        new.answers(("enrol_postcode", "60601#"), ("enrol_sure", "1"))
        new.answers(("enrol_method", "1"), ("enrol_billing", "1"))
        story.await_("and is enrolled", lambda: stage.world.enrolment(NEW))
        new.answers(("category", "2"), ("goods", "5"), ("quantity", "2#"), ("more", "2"))
        new.answers(("method", "1"), ("time", "1"), ("readback", "1"))
        new.hears("done")
        order = story.await_(
            "the first order follows in the same call", lambda: stage.world.order_of_call(call)
        )
        new.caller.hang_up()
    stage.arrives(order["order"], f"order {order['number']}")
    _type(stage)


def _type(stage: Stage) -> None:
    story, world = stage.story, stage.world
    waiting = world.enrolment(NEW)
    story.claim("both recordings are kept for a person", waiting["recordings"] == 2)
    world.bring_forward(waiting["id"])
    page = WorkList(window(stage.browser, 1100, 900), stage.settings, AGENT)
    story.claim(f"{AGENT} takes the enrolment from the list", page.take() == str(waiting["id"]))
    story.claim("and listens to the name, slowly", page.listens() > 1)
    stage.album.take(page.page, "enrolment")
    page.types(first_name="Ada", last_name="Moor", street="1 Elm Street")
    typed = world.enrolment(NEW)
    story.claim(
        f"typed: {typed['name']} of {typed['city']}, and the recordings are gone",
        (typed["state"], typed["name"], typed["recordings"]) == ("typed", "Ada Moor", 0),
    )


def on_the_web(stage: Stage) -> None:
    """Somebody enrols on the order pages, orders, and sees what becomes of it."""
    story = stage.story
    story.heading("The same on the web")
    home = OrderPages(window(stage.browser, 390, 844), stage.settings, SHOP)
    hello = home.enrol(
        first_name="Nils",
        last_name="Berg",
        number="(312) 555-0167",
        email="nils@example.com",
        street="5 Heron Street",
        city="Chicago",
        postcode="60601",
    )
    story.claim(f"Nils enrols by a form: {hello!r}", "Nils" in hello)
    home.add("LATTE")
    said = home.read_back()
    story.claim("the order is read back", "Latte" in said)
    stage.album.take(home.page, "web-read-back")
    order = home.place()
    stage.arrives(order, "his order")
    stage.moves(order, "accept", "accepted", "the counter accepts it")
    story.await_("and his page says so by itself", lambda: "ccepted" in home.now().inner_text())
    stage.album.take(home.page, "web-accepted")
