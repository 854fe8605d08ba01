"""``strategies``: the ranked lists of all customers, and what the builds of them came to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cordboard.cli.listing import show
from cordboard.cli.same_offers import same_offers
from cordboard.settings import load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Row = dict[str, Any]


@click.group()
def strategies() -> None:
    """Form ahead of time what each customer is offered (docs/strategies.md)."""


@strategies.command()
@click.option("--subscriber", multiple=True, help="Only this subscriber's (its code); repeatable.")
@click.option(
    "--changed", is_flag=True, help="Only customers who have changed; all when offers have."
)
@click.option(
    "--processes",
    default=0,
    type=click.IntRange(0, 64),
    help="0 is one for each processor.",
)
@click.option("--files", type=click.Path(path_type=Path), help="A new folder, for other machines.")
@click.option(
    "--run",
    default="cordboard strategies form {part}",
    show_default=True,
    help="With --files: forms one part, here or on another machine; also {number}.",
)
def build(
    subscriber: tuple[str, ...], changed: bool, processes: int, files: Path | None, run: str
) -> None:
    """Rank the offers of every customer; the lists from before are in force until the end."""
    from db.strategies import Elsewhere, build_changed, build_whole

    if changed and files:
        raise click.UsageError("--changed works here: leave out --files.")
    settings, codes = same_offers(load_settings()), list(subscriber) or None
    elsewhere = Elsewhere(files, run, processes or 1) if files else None
    with _told(), _progress() as tell:
        if changed:
            found = build_changed(settings, codes, tell=tell)
        else:
            found = build_whole(
                settings, codes, processes=processes, elsewhere=elsewhere, tell=tell
            )
    for one in found:
        click.echo(f"{one.subscriber}: {one.customers:,} customers, {one.offers} offers.")
        for warning in one.warnings:
            click.echo(f"{one.subscriber}: {warning}", err=True)
    if not found:
        click.echo("Nothing has changed." if changed else "There is no subscriber: nothing to do.")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, which knows its length only when the first chunk is done."""
    bar: ProgressBar[int] = click.progressbar(
        length=1,
        label="Customers",
        show_pos=True,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    )
    shown = 0

    def tell(done: int, all_: int) -> None:
        nonlocal shown
        bar.length = max(all_, 1)
        bar.update(done - shown)
        shown = done

    with bar:
        yield tell


@strategies.command()
@click.argument("part", type=click.Path(exists=True, file_okay=False, path_type=Path), nargs=-1)
def form(part: tuple[Path, ...]) -> None:
    """Form the lists of PARTs that 'build --files' wrote; needs no database."""
    from db.strategies import form_part

    with _told():
        for one in part:
            click.echo(f"{one.name}: {form_part(one):,} customers.")


@strategies.command()
@click.option("--subscriber", multiple=True, help="Only this subscriber's (its code); repeatable.")
@click.option("--limit", default=3, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "in_json", is_flag=True, help="Every field, for programs.")
def status(subscriber: tuple[str, ...], limit: int, in_json: bool) -> None:
    """Show the latest builds of each subscriber, newest first."""
    import psycopg
    from psycopg.rows import dict_row

    from db.queries import sql
    from db.strategies import BUILDING

    asked = {"codes": list(subscriber) or None, "limit": limit, "lock": BUILDING}
    with (
        _told(),
        psycopg.connect(
            same_offers(load_settings()).offers_database, connect_timeout=5, row_factory=dict_row
        ) as conn,
    ):
        found = conn.execute(sql.strategy_status, asked).fetchall()
    show(
        found,
        one_line,
        in_json=in_json,
        nothing="Nothing was built yet: 'cordboard strategies build'.",
    )


def one_line(row: Row) -> str:
    """A build for people."""
    what = "all" if row["whole"] else "changed"
    model = f"model {row['model_id']}" if row["model_id"] else "priors alone"
    if row["state"] != "running":
        end = f"{(row['ended_at'] - row['started_at']).total_seconds():.1f} s"
    elif row["alive"]:
        end = f"by {row['builder']}"
    else:
        end = "its program was ended"
    fields = (
        f"{row['subscriber']:<12}",
        f"{row['started_at']:%Y-%m-%d %H:%M:%S}",
        f"{what:<7}",
        row["state"],
        f"{row['done']:,} of {row['customers']:,} customers, {row['offers']} offers, {model}",
        end,
        row["error"] or "",
    )
    return "  ".join(fields).rstrip()


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be is told in one line."""
    import psycopg

    from db.offer_sync import SyncError
    from db.strategies import BuildError, NotPortable

    try:
        yield
    except (BuildError, NotPortable, SyncError) as error:
        raise StackError(str(error)) from error
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}") from error
    except psycopg.OperationalError as error:
        raise StackError(f"postgres: {str(error).strip()}", "Run 'cordboard up'.") from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction) as error:
        raise StackError(
            "a database is not migrated", "Run 'cordboard up', or 'python -m db.migrate URL'."
        ) from error


COMMANDS = (strategies,)
