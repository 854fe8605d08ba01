"""The end of the story: what the three calls left behind, and how a person can look at it."""

from __future__ import annotations

import click

from cordboard.demo.acts import Stage
from cordboard.demo.world import Json

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
    lines += [("disposition", f"{d['kind']} {d['code']}") for d in call["dispositions"]]
    return lines


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
    kinds = sorted(row["kind"] for row in second["dispositions"])
    story.claim("and a disposition of each kind", kinds == ["sales", "service"])
    headers = stage.invites[1].custom()
    story.claim(
        "the INVITE at the agent's phone had them too",
        all(second["cti"][key] == headers[_header(key)] for key in keys),
    )
    story.claim("the third is nobody we know", third["customer"] is None)


def _header(key: str) -> str:
    return "X-CB-" + key.title().replace("_", "-")


def farewell(stage: Stage) -> None:
    """Where to look, and how to open the desk oneself."""
    click.echo(f"\nPictures of the desk: {stage.desk.taken[0].parent}/")
    for picture in stage.desk.taken:
        click.echo(f"  {picture.name}")
    click.echo(
        f"\nThe stack is up. Open the desk: {stage.settings.web}/login"
        "\n  agent ava, password cordboard-demo   (others: README, the demo world)"
        "\n  calls as JSON: .venv/bin/cordboard calls --json --limit 3"
        "\n  stop it: make down"
    )
