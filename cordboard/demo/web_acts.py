"""The web story: a visitor who is called at once, and one who is too early. Told top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from playwright.sync_api import Browser

from cordboard.demo.browser import Album, chromium, window
from cordboard.demo.story import Story
from cordboard.demo.visitor import Shopper, Talk
from cordboard.demo.web_desk import WebDesk
from cordboard.demo.web_world import WebWorld
from cordboard.settings import Settings
from cordboard.sipp import Exchange, Party, Phone, eventually
from cordboard.sipp.messages import Message

AGENT = "gus"
PASSWORD = "cordboard-demo"  # noqa: S105 - the demo world's, see README

#: The customers' phones: Rosa Klein's, and one that nobody knows. Another is premium.
ROSA, OTHER, PREMIUM = "+13125550150", "+13125550164", "+19005550123"
NOTE = "A basket for twelve people, by Friday"
ORDERED = "The Whole Pantry, twice"
#: Pages that the agent pushes, as the visitor reads their titles.
BASKETS, DELIVERY, CHEESE = "Gift baskets", "Delivery areas and times", "Cheese of the month"
#: What the desk says of a page that was on the visitor's screen.
SEEN = ("shown", "viewed")


@dataclass(slots=True)
class Stage:
    """Who plays, and what is remembered for the end."""

    settings: Settings
    story: Story
    browser: Browser
    album: Album
    world: WebWorld
    desk: WebDesk
    phone: Phone
    rosa: Party
    request: str = ""
    later: str = ""
    call: str = ""
    invites: list[Message] = field(default_factory=list)

    def shopper(self, width: int, height: int) -> Shopper:
        """Somebody opens the shop in a browser of their own."""
        return Shopper(window(self.browser, width, height), self.world.shop)


@contextmanager
def stage(settings: Settings, story: Story) -> Iterator[Stage]:
    """A browser, an agent with a phone, the telephone network, the database."""
    with ExitStack() as end:
        world = WebWorld(settings)
        end.callback(world.close)
        for number in (ROSA, OTHER):
            world.forget_waiting(number)
        exchange = Exchange(settings)
        end.callback(exchange.close)
        rosa = exchange.party(ROSA, ring_ms=None)
        exchange.start()
        phone = Phone(settings, f"phone-{AGENT}", ring_ms=None)
        end.callback(phone.unplug)
        phone.plug_in()
        browser = end.enter_context(chromium())
        album = Album(settings.run / "demo", "web-")
        desk = WebDesk(window(browser, 1440, 1200), settings.web, album)
        yield Stage(settings, story, browser, album, world, desk, phone, rosa)


def talk_from_the_shop(stage: Stage) -> None:
    """Rosa Klein reads about baskets, wants to be called, and is."""
    story = stage.story
    story.heading("On the web, at the same time: a visitor who wants to talk now")
    stage.desk.log_in(AGENT, PASSWORD)
    stage.desk.become_available()
    story.claim(f"{AGENT} of Corner Pantry is logged in to the desk and available", true=True)
    shopper = stage.shopper(1440, 1000)
    talk = _ask(stage, shopper)
    _place(stage, shopper, talk)
    _sign_on(stage, talk)
    shopper.enlarge_panel()
    _push_pages(stage, shopper, talk)
    _order(stage)
    _end(stage, shopper, talk)
    stage.desk.log_out()


def _ask(stage: Stage, shopper: Shopper) -> Talk:
    """Pages are read, the talk button is pressed, the panel is filled in."""
    story = stage.story
    for path in ("/", "/cheese", "/baskets"):
        story.tell(f"Rosa Klein reads {shopper.read(path)!r} of the shop")
    stage.album.take(shopper.page, "shop", whole=False)
    talk = shopper.press_talk("Help me choose")
    story.claim("talk.js opens a panel in the shop's page", true=True)
    talk.fill("(312) 555-0150", NOTE)
    stage.album.take(shopper.page, "panel", whole=False)
    talk.send()
    stage.request = talk.request()
    story.claim("number, note and consent are given; her request is taken", true=True)
    return talk


def _place(stage: Stage, shopper: Shopper, talk: Talk) -> None:
    """Her phone rings first; once she has answered, the agent's."""
    story = stage.story
    story.await_("her phone rings", lambda: len(stage.rosa.invites()) == 1)
    story.await_("and the page says so", lambda: talk.leg("customer") == "ringing")
    stage.rosa.go_on()
    story.await_("she answers and hears the hold text", stage.rosa.media.hears_something)
    stage.rosa.media.speak(1000)
    story.await_("then the agent's phone rings", lambda: len(stage.phone.invites()) == 1)
    stage.invites.append(stage.phone.invites()[0])
    both = ("answered", "ringing")
    story.await_(
        "the connect page shows both phones",
        lambda: (talk.leg("customer"), talk.leg("agent")) == both,
    )
    stage.album.take(shopper.page, "connect", whole=False)


def _sign_on(stage: Stage, talk: Talk) -> None:
    """The agent knows nothing of her before the #, hears the whisper after it, and talks."""
    story, desk = stage.story, stage.desk
    story.await_("the desk asks the agent to sign on", desk.asks_to_sign_on)
    told = desk.everything() + stage.invites[0].start + str(stage.invites[0].headers)
    unseen = not any(word in told for word in ("Rosa", "Klein", ROSA, NOTE))
    story.claim("before that neither desk nor INVITE tells who it is", unseen)
    stage.album.take(desk.page, "desk-sign-on")
    stage.phone.go_on()
    story.await_("the agent answers and is asked for #", stage.phone.media.hears_something)
    stage.phone.media.key("#")
    story.await_("the agent has keyed #: the desk shows her note", lambda: desk.visit("note"))
    whisper = story.await_("and the whisper that is spoken", lambda: desk.visit("whisper"))
    story.claim(f"it is {whisper!r}", BASKETS in whisper and NOTE in whisper)
    viewed = " ".join(desk.pages_viewed())
    story.claim("the desk lists the pages she viewed", "Cheese" in viewed and "baskets" in viewed)
    stage.album.take(desk.page, "desk-whisper")
    story.await_("they hear each other", lambda: stage.phone.media.hears(1000), within=30)
    story.await_("her page says whom she talks with", lambda: talk.phase() == "talk")
    story.claim(f"“{talk.heading()}”", "Gus" in talk.heading())


def _push_pages(stage: Stage, shopper: Shopper, talk: Talk) -> None:
    """Two pages by the keys of the telephone, one from the desk; each is acknowledged."""
    story, desk = stage.story, stage.desk
    stage.phone.media.key("*12*15#")
    story.tell("the agent keys *12*15# on the telephone")
    story.await_("she is shown two pages", lambda: talk.history() == [BASKETS, DELIVERY])
    story.await_(f"{DELIVERY!r} is on her screen", lambda: talk.shows(DELIVERY))
    story.await_(
        "the desk is told that she was shown it", lambda: desk.pushed().get(DELIVERY) in SEEN
    )
    stage.album.take(shopper.page, "in-call", whole=False)
    talk.look_at(BASKETS)
    story.await_(f"she goes back to {BASKETS!r}", lambda: talk.shows(BASKETS))
    desk.push("cheese")
    story.tell(f"the agent pushes {CHEESE!r} from the desk")
    story.await_("she sees it", lambda: talk.shows(CHEESE))
    stage.album.take(shopper.page, "in-call-from-desk", whole=False)
    story.await_(
        "and the desk that she was shown all three",
        lambda: [state in SEEN for state in desk.pushed().values()] == [True] * 3,
    )


def _order(stage: Stage) -> None:
    """The agent sends the order to the shop's own server."""
    story = stage.story
    stage.call = str(stage.world.request(stage.request)["attempts"][0]["id"])
    stage.desk.send_order(items=ORDERED, total="192.00", address="18 Lantern Court")
    story.claim("the agent sends an order form", true=True)

    def arrived() -> bool:
        return any(
            hook["proved"] and stage.call in hook["body"] and ORDERED in hook["body"]
            for hook in stage.world.hooks()
        )

    story.await_("the shop's server has it, by webhook, with the right signature", arrived)
    stage.album.take(stage.desk.page, "desk-in-call")


def _end(stage: Stage, shopper: Shopper, talk: Talk) -> None:
    """She hangs up, reads the last page, and answers the survey; the agent wraps up."""
    story, desk = stage.story, stage.desk
    stage.rosa.go_on()
    story.await_("she hangs up: her page says good-bye", lambda: talk.phase() == "done")
    stage.album.take(shopper.page, "disconnect", whole=False)
    talk.rate(5, "Gus knew what I was looking at.")
    story.claim("she answers the survey", true=True)
    story.await_("the desk is in wrap-up", desk.in_wrap_up)
    stage.album.take(desk.page, "desk-wrap-up")
    desk.finish_wrap_up()
    story.claim("the agent is available again", true=True)


def another_time(stage: Stage) -> None:
    """A visitor with a telephone in hand: a number that is not dialled, a time that is closed."""
    story = stage.story
    story.heading("On the web: a visitor who is too early")
    with stage.world.shop_hours():
        story.tell("Corner Pantry takes calls in its shop hours now: not on Sundays")
        shopper = stage.shopper(390, 844)
        shopper.read("/coffee")
        talk = shopper.press_talk_on_a_phone("Find my coffee")
        talk.ask_for_time(sunday_night(date.today()))
        talk.fill("(900) 555-0123")
        talk.send()
        story.await_("a Sunday night is not taken, other times are offered", talk.offers().count)
        stage.album.take(shopper.page.context.pages[-1], "another-time")
        talk.offers().first.click()
        said = story.await_("nor is a premium number", lambda: _about_number(talk))
        story.claim(f"the page says why: {said!r}", true=True)
        reasons = stage.world.refusals("(900) 555-0123")
        story.claim("and it is recorded", reasons == ["number_type_not_allowed"])
        stage.album.take(shopper.page.context.pages[-1], "refused-number")
        talk.place.fill("#number", "(312) 555-0164")
        talk.send()
        stage.later = talk.request()
        story.await_("her own number is taken for that time", lambda: talk.phase() == "later")
        stage.album.take(shopper.page.context.pages[-1], "later")
    request = eventually(lambda: stage.world.request(stage.later))
    story.claim(f"the request waits until {request['due']}", request["state"] == "waiting")


def _about_number(talk: Talk) -> str:
    found = talk.place.locator("#number-error")
    return found.inner_text() if found.count() else ""


def sunday_night(today: date) -> str:
    """Three o'clock in the night of the next Sunday from ``today`` on, but not tomorrow's.

    >>> sunday_night(date(2026, 11, 25))
    '2026-11-29T03:00'
    """
    day = today + timedelta(days=2)
    return f"{day + timedelta(days=(6 - day.weekday()) % 7)}T03:00"
