"""`make demo`: bring the stack up, play the three callers, leave it up."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import click
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

from cordboard.demo import acts, closing
from cordboard.demo.browser import Desk, NoBrowser, browser_page
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
    """Play the day of three callers."""
    story = Story()
    try:
        with ThreadPoolExecutor() as pool:
            coming = pool.submit(up, load_settings(), story.tell)
            with browser_page() as page:
                play(coming.result(), story, page)
    except StackError as error:
        click.echo(f"The stack did not come up: {error}", err=True)
        sys.exit(2)
    except (DidNotHappen, AssertionError, BrowserError, NoBrowser) as error:
        click.echo(f"\nThis did not happen: {error}", err=True)
        click.echo("Logs: .venv/bin/cordboard log. The stack is left up.", err=True)
        sys.exit(1)


def play(settings: Settings, story: Story, page: Page) -> None:
    """The whole story, on a stack that is up."""
    pictures = settings.run / "demo"
    shutil.rmtree(pictures, ignore_errors=True)
    with ExitStack() as end:
        world = World(settings)
        end.callback(world.close)
        world.reopen_offers()
        story.heading("The agent")
        phone = Phone(settings, f"phone-{AGENT}", ring_ms=None)
        end.callback(phone.unplug)
        phone.plug_in()
        story.tell(f"a SIP phone registers as phone-{AGENT}")
        desk = Desk(page, settings.web, pictures)
        desk.log_in(AGENT, PASSWORD)
        desk.become_available()
        story.claim(f"{AGENT} is logged in to the desk and available", true=True)

        stage = acts.Stage(settings, story, desk, phone, world)
        for act in (acts.known_by_number, acts.by_account_and_ssn, acts.zero_for_a_person):
            act(stage)
        desk.log_out()
        closing.show(stage)
        closing.verify(stage)
        closing.farewell(stage)
    click.echo(f"\n{story.claims} things were promised and happened.")


if __name__ == "__main__":
    main()
