"""The end of the story: what the three calls left behind, and how a person can look at it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable

import click

from cordboard.demo.acts import Stage
from cordboard.demo.browser import Album
from cordboard.demo.world import Json
from cordboard.settings import Settings
from db.demo.web import shop_url

#: Variables that say which stack is meant.
NAMING = ("CORDBOARD_INSTANCE", "CORDBOARD_PORT_BASE", "CORDBOARD_RUN_DIR")
SHOWN = ("state", "outcome", "route", "identified_by", "verified", "started", "answered", "ended")


def show(stage: Stage) -> None:
    """Print each call: data, INVITE, rows; then where the pictures are."""
    for number, (call_id, invite) in enumerate(zip(stage.calls, stage.invites, strict=True), 1):
        call = stage.world.call(call_id)
        stage.story.heading(f"What call {number} left behind")
        click.echo("   Call data (key-value pairs)")
        stage.story.table(call["cti"].items())
        click.echo("   Headers of the INVITE, as captured at the agent's phone")
        stage.story.table(invite.custom().items())
        click.echo("   In the database")
        stage.story.table(_rows(call))
        click.echo("   Timeline")
        stage.story.table(
            (f"{event['at']:%H:%M:%S.%f}"[:-3], event["name"])
            for event in stage.world.timeline(call_id)
        )


def _rows(call: Json) -> list[tuple[str, object]]:
    """The rows of one call, a line each."""
    lines: list[tuple[str, object]] = [("call", call["id"]), ("customer", call["customer"])]
    lines += [(name, call[name]) for name in SHOWN]
    lines += [("offer", f"{o['kind']} {o['code']} {o['url']}") for o in call["offers"]]
    lines += [("leg", f"{leg['role']} {leg['party']} {leg['channel']}") for leg in call["legs"]]
    lines += [("presented", _presented(shown)) for shown in call["exposures"]]
    lines += [
        ("disposition", f"{d['kind']} {d['code']} {d['offer']}") for d in call["dispositions"]
    ]
    return lines


def _presented(shown: Json) -> str:
    """One exposure on a line."""
    p = "" if shown["p"] is None else f" at p = {shown['p']:.0%}"
    return (
        f"{shown['offer']} by {shown['agent'] or 'the IVR'}{p}: {shown['outcome'] or 'no answer'}"
    )


def verify(stage: Stage) -> None:
    """The three records say what the story told."""
    story = stage.story
    story.heading("The records")
    first, second, third = (stage.world.call(call_id) for call_id in stage.calls)
    story.claim("the first was known by ani", first["identified_by"] == ["ani"])
    story.claim(
        "the second by account and ssn, and verified",
        second["identified_by"] == ["account", "ssn"] and second["verified"] is True,
    )
    keys = {f"{kind}_OFFER_{part}" for kind in ("SALES", "SERVICE") for part in ("CODE", "URL")}
    story.claim("it carries codes and URLs of both offers", keys <= second["cti"].keys())
    codes = [(row["kind"], row["code"]) for row in second["dispositions"]]
    wanted = [("sales", "ACCEPTED"), ("service", "DECLINED"), ("service", "ACCEPTED")]
    story.claim("and a disposition for each offer that was presented", codes == wanted)
    answers = [(row["kind"], row["outcome"]) for row in second["exposures"]]
    story.claim(
        "each of them was presented once, with the answer",
        answers == [("sales", "accepted"), ("service", "declined"), ("service", "accepted")],
    )
    headers = stage.invites[1].custom()
    carried = [headers.get(_header(f"{kind}_OFFER_CODE")) for kind in ("SALES", "SERVICE")]
    story.claim(
        "the INVITE at the agent's phone had those of the first of each kind",
        carried == [shown["offer"] for shown in second["exposures"][:2]]
        and all(headers.get(_header(key)) for key in keys),
    )
    story.claim("the third was found by the agent", third["identified_by"] == ["agent"])


def _header(key: str) -> str:
    return "X-CB-" + key.title().replace("_", "-")


def farewell(settings: Settings, albums: Iterable[Album]) -> None:
    """Where to look, and how to open the pages oneself."""
    click.echo(f"\nPictures of it all: {settings.run / 'demo'}/")
    for album in albums:
        for picture in album.taken:
            click.echo(f"  {picture.name}")
    shop = shop_url(settings)
    click.echo(
        "\nThe stack is up; everybody's password is cordboard-demo (who else: README, demo world)."
        f"\n  the desk: {settings.web}/login, agent ava for Halyard Telecom, gus for Corner Pantry"
        f"\n  a site with talk buttons: {shop}/baskets, the webhooks it received: {shop}/hooks"
        f"\n  orders of regular clients: {settings.web}/order/pantry/; the counter logs in as loop"
        f"\n  operations: {settings.web}/login, olga; the later request is under Call requests"
        f"\n  calls as JSON: {same_stack('.venv/bin/cordboard calls --json --limit 4')}"
        "\n  offers are ranked by first guesses, and this stack does not train by night; to learn"
        f" from the past: {same_stack('.venv/bin/cordboard train')}"
        f"\n  stop it: {same_stack('make down')}"
    )


def same_stack(command: str) -> str:
    """A command as it is to be typed elsewhere, so that it means this stack and no other."""
    given = [f"{name}={shlex.quote(os.environ[name])}" for name in NAMING if os.environ.get(name)]
    return " ".join([*given, command])
