"""``outbox``: e-mail to clients, which could not be sent, and trying again."""

from __future__ import annotations

from typing import Any

import click

from cordboard.cli.listing import show
from cordboard.cli.webhooks import database

STATES = ("waiting", "sent", "failed")


@click.group()
def outbox() -> None:
    """Look after the e-mail to clients about their orders (docs/orders/web.md)."""


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "in_json", is_flag=True, help="Every field, for programs.")
def list_(state: str | None, limit: int, in_json: bool) -> None:
    """Show the latest e-mails, newest first; their text is in the database."""
    from db.queries import sql

    with database() as conn:
        found = conn.execute(sql.mails, {"state": state, "limit": limit}).fetchall()
    show(found, one_line, in_json=in_json, nothing="No such e-mails.")


def one_line(row: dict[str, Any]) -> str:
    """An e-mail for people; its id first, as ``retry`` wants it."""
    fields = (row["id"], f"{row['created_at']:%Y-%m-%dT%H:%M:%SZ}", row["recipient"])
    tries = f"{row['attempts']} {'try' if row['attempts'] == 1 else 'tries'}"
    words = [*map(str, fields), row["subject"], row["state"], tries, row["last_error"] or ""]
    return "  ".join(words).rstrip()


@outbox.command()
@click.argument("mail", type=click.UUID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that have failed.")
def retry(mail: tuple[Any, ...], everything: bool) -> None:
    """Try failed MAILs again, from the beginning."""
    from db.queries import sql

    if bool(mail) == everything:
        raise click.UsageError("Give the ids of e-mails, or --all.")
    with database() as conn:
        if everything:
            failed = conn.execute(sql.mails, {"state": "failed", "limit": 100_000}).fetchall()
            mail = tuple(row["id"] for row in failed)
        tried = [conn.execute(sql.retry_mail, {"mail": one}).fetchone() for one in mail]
    again = sum(bool(row and row["retried"]) for row in tried)
    click.echo(f"{again} of {len(mail)} on their way again; the others have not failed.")


COMMANDS = (outbox,)
