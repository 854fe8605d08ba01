"""``secret``, ``link``, ``policy``, ``pin``: what subscribers and agents prove themselves by."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cordboard.cli.tools import must_answer
from cordboard.settings import Settings, load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from psycopg import Connection

    from cordboard.policy import Verdict

WEEK_S = 7 * 24 * 3600


@contextmanager
def _database() -> Iterator[tuple[Settings, Connection[Any]]]:
    """The settings and a connection; what the database refuses comes out as one line."""
    import psycopg

    from db.errors import DatabaseRefusal
    from db.policy import UnknownSubscriber

    settings = load_settings()
    must_answer(settings, "postgres")
    try:
        with psycopg.connect(settings.database) as connection:
            yield settings, connection
    except UnknownSubscriber as error:
        raise StackError(
            str(error), "'cordboard sql -c \"SELECT code FROM subscriber\"' lists them."
        ) from error
    except DatabaseRefusal as error:
        raise StackError(str(error), "'cordboard secret list SUBSCRIBER' shows them.") from error


@click.group()
def secret() -> None:
    """Make, list and revoke the secrets by which a subscriber's servers prove themselves."""


@secret.command("new")
@click.argument("subscriber")
@click.option("--label", default="default", show_default=True, help="What it is for.")
def secret_new(subscriber: str, label: str) -> None:
    """Make a secret for SUBSCRIBER and show it, this once."""
    from db.secrets import new_secret

    if not 1 <= len(label) <= 120 or not label.isprintable():
        raise click.BadParameter("one line of at most 120 characters", param_hint="--label")
    with _database() as (settings, connection):
        made = new_secret(connection, settings, subscriber, label)
    click.echo(made)
    click.echo("It is not shown again. Next: docs/talk-links.md, docs/api.md.", err=True)


@secret.command("list")
@click.argument("subscriber")
def secret_list(subscriber: str) -> None:
    """List the secrets of SUBSCRIBER: number, label, since when, until when."""
    from db.secrets import list_secrets

    with _database() as (_, connection):
        found = list_secrets(connection, subscriber)
    for row in found:
        until = f"revoked {row['revoked_at']:%Y-%m-%d %H:%M}" if row["revoked_at"] else "live"
        click.echo(f"{row['id']:>5}  {row['created_at']:%Y-%m-%d %H:%M}  {until}  {row['label']}")
    if not found:
        click.echo(f"{subscriber} has no secret. 'cordboard secret new {subscriber}' makes one.")


@secret.command("revoke")
@click.argument("subscriber")
@click.argument("number", type=int)
def secret_revoke(subscriber: str, number: int) -> None:
    """Revoke the secret NUMBER of SUBSCRIBER: what it signed is refused from now on."""
    from db.secrets import UnknownSecret, revoke_secret

    with _database() as (_, connection):
        try:
            revoke_secret(connection, subscriber, number)
        except UnknownSecret as error:
            raise StackError(
                str(error), f"'cordboard secret list {subscriber}' shows them."
            ) from error
    click.echo(f"{subscriber}: secret {number} is revoked.")


@click.command()
@click.argument("sid")
@click.argument("sc")
@click.option("--title", default="", help="Title of the page that the link is on.")
@click.option("--url", default="", help="Address of that page.")
@click.option("--phone", default="", help="The visitor's number.")
@click.option("--customer", default="", help="The subscriber's own code of the customer.")
@click.option("--whisper", default="", help="A code that the agent is told.")
@click.option(
    "--expires", default=3600, show_default=True, type=click.IntRange(60, WEEK_S), help="Seconds."
)
def link(
    sid: str,
    sc: str,
    title: str,
    url: str,
    phone: str,
    customer: str,
    whisper: str,
    expires: int,
) -> None:
    """Make a signed talk link for the subject SC of the subscriber SID."""
    from cordboard import tag1
    from db.secrets import signing_keys

    tag = tag1.Tag1(
        sid=sid,
        sc=sc,
        expires=int(time.time()) + expires,
        nonce=tag1.make_nonce(),
        title=title,
        page_url=url,
        whisper_code=whisper,
        number=phone,
        customer_code=customer,
    )
    with _database() as (settings, connection):
        _must_be_routed(connection, sid, sc)
        keys = signing_keys(connection, settings, sid)
    if not keys:
        raise StackError(f"{sid} has no live secret", f"'cordboard secret new {sid}' makes one.")
    try:
        click.echo(tag1.mint(settings.web, tag, keys[0]))
    except tag1.MalformedTag as error:
        raise StackError(str(error), "docs/talk-links.md has the form of each part.") from error


def _must_be_routed(connection: Connection[Any], sid: str, sc: str) -> None:
    from db.policy import UnknownSubscriber
    from db.queries import sql

    found = [code for (code,) in connection.execute(sql.subject_codes, {"subscriber": sid})]
    if sc not in found:
        if not connection.execute(sql.subscriber_by_code, {"code": sid}).fetchone():
            raise UnknownSubscriber(f"there is no subscriber {sid[:40]!r}")
        raise StackError(
            f"{sid} has no active routing rule {sc}",
            f"There are: {', '.join(found)}." if found else "Make one at /ops/routing.",
        )


@click.group()
def policy() -> None:
    """Ask the dialling policy."""


@policy.command("check")
@click.argument("subscriber")
@click.argument("number")
@click.option("--at", default="", help="ISO 8601; without an offset the subscriber's own time.")
@click.option("--json", "in_json", is_flag=True, help="For programs.")
def policy_check(subscriber: str, number: str, at: str, in_json: bool) -> None:
    """Would NUMBER be dialled for SUBSCRIBER, and why not? Exit code 1 when it would not."""
    from cordboard.wall_clock import read_moment
    from db.policy import check, zone_of

    with _database() as (settings, connection):
        zone = zone_of(connection, subscriber)
        try:
            moment = read_moment(at, zone) if at else None
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--at") from error
        verdict = check(connection, settings, subscriber, number, at=moment)
    if in_json:
        click.echo(json.dumps(verdict.as_json(), indent=2))
    else:
        click.echo("\n".join(_lines(verdict, zone)))
    sys.exit(0 if verdict.allowed else 1)


def _lines(verdict: Verdict, zone: ZoneInfo) -> Iterator[str]:
    """The answer for people, with times as the subscriber's clocks show them."""
    from cordboard.policy_words import QUESTIONS, saw
    from cordboard.wall_clock import in_words

    for finding in verdict.findings:
        mark = "ok" if finding.passed else "NO"
        yield f"{mark}  {QUESTIONS[finding.code]:41}  {saw(finding)}"
    answer = "would be dialled" if verdict.allowed else "would not be dialled"
    number = verdict.e164 or repr(verdict.number)
    yield f"{number} {answer} for {verdict.subscriber}, {in_words(verdict.at, zone)}."
    yield from (f"  {finding.code}: {finding.sentence}" for finding in verdict.reasons)
    if verdict.next_allowed and verdict.next_allowed != verdict.at:
        yield f"  Hours allow it next: {in_words(verdict.next_allowed, zone)}."


@click.command()
@click.argument("username")
@click.option(
    "--pin",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Four to eight digits; asked for when left out.",
)
def pin(username: str, pin: str) -> None:
    """Set the PIN by which the agent USERNAME signs on to calls by telephone."""
    from cordboard.identity import hash_pin
    from db.queries import sql

    with _database() as (settings, connection):
        try:
            hashed = hash_pin(pin, settings.ssn_key.get_secret_value().encode())
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--pin") from error
        stored = connection.execute(sql.set_pin, {"username": username, "pin_hash": hashed})
        if stored.rowcount == 0:
            raise StackError(
                f"there is no user {username[:40]!r}",
                "'cordboard sql -c \"SELECT username FROM user_account\"' lists them.",
            )
    click.echo(f"{username} signs on with the new PIN from the next call on.")


COMMANDS = (secret, link, policy, pin)
