"""``webhooks``: where subscribers' events go, which could not be delivered, and trying again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cordboard.cli.listing import show
from cordboard.settings import load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from psycopg import Connection

Row = dict[str, Any]

URL = re.compile(r'https?://[^/\s"<>]+[^\s"<>]*')
LONGEST_URL = 500
STATES = ("waiting", "delivered", "dead")


@click.group()
def webhooks() -> None:
    """Look after the events that go to subscribers' own servers (docs/webhooks.md)."""


@webhooks.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only these; 'dead' is the dead letters.")
@click.option("--subscriber", help="Only this subscriber's (its code).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "in_json", is_flag=True, help="Every field, for programs.")
def list_(state: str | None, subscriber: str | None, limit: int, in_json: bool) -> None:
    """Show the latest deliveries, newest first."""
    from db.queries import sql

    values = {"state": state, "subscriber": subscriber, "limit": limit}
    with database() as conn:
        found: list[Row] = conn.execute(sql.webhook_deliveries, values).fetchall()
    show(found, one_line, in_json=in_json, nothing="No such deliveries.")


def one_line(row: Row) -> str:
    """A delivery for people; its id first, as ``replay`` wants it."""
    fields = (row["id"], f"{row['created_at']:%Y-%m-%dT%H:%M:%SZ}", row["subscriber"], row["event"])
    tries = f"{row['attempts']} {'try' if row['attempts'] == 1 else 'tries'}"
    return "  ".join([*map(str, fields), row["state"], tries, row["last_error"] or ""]).rstrip()


@webhooks.command()
@click.argument("delivery", type=click.UUID, nargs=-1)
@click.option("--all", "subscriber", metavar="SUBSCRIBER", help="All dead ones of this subscriber.")
def replay(delivery: tuple[Any, ...], subscriber: str | None) -> None:
    """Try dead DELIVERYs again, from the beginning."""
    from db.queries import sql

    if bool(delivery) == bool(subscriber):
        raise click.UsageError("Give the ids of deliveries, or --all SUBSCRIBER.")
    with database() as conn:
        values = {"state": "dead", "subscriber": subscriber, "limit": 100_000}
        found = conn.execute(sql.webhook_deliveries, values).fetchall() if subscriber else []
        ids = [row["id"] for row in found] or list(delivery)
        for one in ids:
            conn.execute(sql.replay_webhook, {"delivery": one, "actor": None})
    click.echo(f"{len(ids)} on their way again. 'cordboard webhooks list' shows how they fare.")


@webhooks.command("set")
@click.argument("subscriber")
@click.argument("url")
def set_(subscriber: str, url: str) -> None:
    """Send a SUBSCRIBER's events to URL from now on, signed with a new key, which is shown once."""
    from cordboard.secrets import make_secret, seal, signing_key
    from db.queries import sql

    if not URL.fullmatch(url) or len(url) > LONGEST_URL:
        raise StackError(f"{url[:80]!r} is no web address", "Give http:// or https:// and a host.")
    secret = make_secret()
    key = signing_key(secret)
    values = {"subscriber": subscriber, "url": url, "key": seal(key, _secret_key())}
    with database() as conn:
        if not conn.execute(sql.set_webhook_endpoint, values).fetchone():
            raise _unknown(subscriber)
    click.echo(f"Events of {subscriber} go to {url}.")
    click.echo(f"Signing key (hexadecimal), shown this once: {key.hex()}")


@webhooks.command()
@click.argument("subscriber")
def stop(subscriber: str) -> None:
    """Send a SUBSCRIBER's events nowhere; what waits becomes a dead letter."""
    from db.queries import sql

    with database() as conn:
        if not conn.execute(sql.stop_webhook_endpoint, {"subscriber": subscriber}).fetchone():
            raise _unknown(subscriber)
    click.echo(f"Events of {subscriber} are sent nowhere. 'cordboard webhooks set' begins again.")


def _unknown(subscriber: str) -> StackError:
    return StackError(
        f"there is no subscriber {subscriber[:40]!r}, or it has no endpoint",
        "Codes: cordboard sql -c 'SELECT code FROM subscriber'",
    )


def _secret_key() -> str:
    key = load_settings().secret_key.get_secret_value()
    if not key:
        raise StackError(
            "CORDBOARD_SECRET_KEY is empty, so nothing can be sealed", "Run 'cordboard up'."
        )
    return key


@contextmanager
def database() -> Iterator[Connection[Row]]:
    """One transaction; what the database refuses is told in one line."""
    import psycopg
    from psycopg.rows import dict_row

    from db.errors import DatabaseRefusal, named_errors

    try:
        with (
            named_errors(),
            psycopg.connect(
                load_settings().database, connect_timeout=5, row_factory=dict_row
            ) as conn,
        ):
            yield conn
    except DatabaseRefusal as refusal:
        raise StackError(str(refusal)) from refusal
    except psycopg.OperationalError as error:
        raise StackError(f"postgres: {str(error).strip()}", "Run 'cordboard up'.") from error


COMMANDS = (webhooks,)
