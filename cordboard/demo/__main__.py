"""`make demo`: bring the stack up, play callers and visitors, leave it up.

The web story and the shop's go on beside the callers', each with a browser of its own, and are told
after theirs: speech takes its time, and so all together take little longer than one.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import click
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

from cordboard.demo import acts, closing, shop_acts, web_acts, web_records
from cordboard.demo.browser import Album, Desk, NoBrowser, browser_page
from cordboard.demo.story import DidNotHappen, Story
from cordboard.demo.world import World
from cordboard.settings import Settings, load_settings
from cordboard.sipp import Phone
from cordboard.stack.errors import StackError
from cordboard.stack.up import up

AGENT = "ava"
PASSWORD = "cordboard-demo"  # noqa: S105 - the demo world's, see README


@click.command()
def main() -> None:
    """Play three callers, two visitors of a web site, and three who order from the shop."""
    # What callers are offered must not depend on the hour: a night that ends while they call would
    # rank the second one by another model than the first. 'make up' lets the stack learn again.
    os.environ.setdefault("CORDBOARD_NIGHTLY_HOUR", "-1")
    story = Story()
    try:
        with ThreadPoolExecutor() as pool:
            coming = pool.submit(up, load_settings(), story.tell)
            with browser_page() as page:
                settings = coming.result()
                shutil.rmtree(settings.run / "demo", ignore_errors=True)
                with story.aside() as shop, story.aside() as aside:
                    in_the_shop = pool.submit(play_shop, settings, shop)
                    on_the_web = pool.submit(play_web, settings, aside)
                    albums = [play_callers(settings, story, page), on_the_web.result()]
                    albums.append(in_the_shop.result())
        closing.farewell(settings, albums)
        click.echo(f"\n{story.claims} things were promised and happened.")
    except StackError as error:
        click.echo(f"The stack did not come up: {error}", err=True)
        sys.exit(2)
    except (DidNotHappen, AssertionError, BrowserError, NoBrowser) as error:
        click.echo(f"\nThis did not happen: {error}", err=True)
        logs = closing.same_stack(".venv/bin/cordboard log")
        click.echo(f"Logs: {logs}. The stack is left up.", err=True)
        sys.exit(1)


@contextmanager
def callers_stage(settings: Settings, story: Story, page: Page) -> Iterator[acts.Stage]:
    """An agent at the desk, with a phone."""
    with ExitStack() as end:
        world = World(settings)
        end.callback(world.close)
        world.reopen_offers()
        end.enter_context(world.presented_by_ivr(acts.ROUTER, acts.ROUTER_TEXT))
        story.heading("The agent")
        phone = Phone(settings, f"phone-{AGENT}", ring_ms=None)
        end.callback(phone.unplug)
        phone.plug_in()
        story.tell(f"a SIP phone registers as phone-{AGENT}")
        desk = Desk(page, settings.web, Album(settings.run / "demo"))
        desk.log_in(AGENT, PASSWORD)
        story.claim(f"{AGENT} is logged in to the desk, and not on duty yet", true=True)
        yield acts.Stage(settings, story, desk, phone, world)


def play_callers(settings: Settings, story: Story, page: Page) -> Album:
    """The three callers, on a stack that is up."""
    with callers_stage(settings, story, page) as stage:
        for act in (acts.known_by_number, acts.by_account_and_ssn, acts.zero_for_a_person):
            act(stage)
        stage.desk.log_out()
        closing.show(stage)
        closing.verify(stage)
        return stage.desk.album


def play_web(settings: Settings, story: Story) -> Album:
    """The two visitors."""
    with web_acts.stage(settings, story) as stage:
        web_acts.talk_from_the_shop(stage)
        web_acts.another_time(stage)
        web_records.show(stage)
        return stage.album


def play_shop(settings: Settings, story: Story) -> Album:
    """The regular customer, a new one, and one on the web."""
    with shop_acts.stage(settings, story) as stage:
        shop_acts.usual_order(stage)
        shop_acts.new_client(stage)
        shop_acts.on_the_web(stage)
        return stage.album


if __name__ == "__main__":
    main()
