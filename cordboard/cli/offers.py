"""``offers``: what there is, and the copy that the customers database keeps (docs/split.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from cordboard.cli.listing import show
from cordboard.cli.same_offers import same_offers
from cordboard.settings import load_settings
from cordboard.stack.errors import StackError


@click.group()
def offers() -> None:
    """Offers, and how they get to the customers database when they have one of their own."""


@offers.command("list")
@click.option("--subscriber", help="Only this subscriber's (its code).")
@click.option("--json", "in_json", is_flag=True, help="For programs.")
def list_(subscriber: str | None, in_json: bool) -> None:
    """Show all offers; what the customers database has is marked when it is not the same."""
    from db.offer_sync import list_offers

    with _told():
        found = list_offers(same_offers(load_settings()), subscriber)
    width = max((len(row["subscriber"]) for row in found), default=0)
    show(found, lambda row: one_line(row, width), in_json=in_json, nothing="No offers.")


def one_line(row: dict[str, Any], width: int = 0) -> str:
    """An offer for people; ``width`` is that of the subscribers' column."""
    notes = [] if row["active"] else ["switched off"]
    notes += {"missing": ["not copied yet"], "differs": ["copy is old"]}.get(row["copy"], [])
    value = f"{row['value_cents'] / 100:,.2f}"
    whose = f"{row['subscriber']:<{width}}"
    name = f"{whose}  {row['code']:<24} {row['kind']:<8} {value:>12}  {row['title']}"
    return name + (f"  [{', '.join(notes)}]" if notes else "")


@offers.command()
def sync() -> None:
    """Copy offers to the customers database, and subscribers and groups to the offers database."""
    from db import offer_sync

    settings = same_offers(load_settings())
    with _told():
        found = offer_sync.sync(settings)
    if not settings.is_split:
        click.echo("Offers are in the same database as the customers: there is nothing to copy.")
        return
    click.echo(f"Offers: {found.words()}.")


@offers.command()
def move() -> None:
    """Fill a new, empty offers database with the offers that are with the customers."""
    from db import offer_sync

    with _told():
        count = offer_sync.move(same_offers(load_settings()))
    click.echo(f"{count} offers moved, with rules, models and strategies.")


@contextmanager
def _told() -> Iterator[None]:
    """What a database refuses is told in one line."""
    import psycopg

    from db.offer_sync import SyncError

    try:
        yield
    except SyncError as error:
        raise StackError(str(error)) from error
    except psycopg.OperationalError as error:
        raise StackError(f"postgres: {str(error).strip()}", "Run 'cordboard up'.") from error
    except psycopg.errors.UndefinedFunction as error:
        raise StackError(
            "a database is not migrated", "Run 'cordboard up', or 'python -m db.migrate URL'."
        ) from error


COMMANDS = (offers,)
