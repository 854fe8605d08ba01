"""What databases must hold before anybody asks them: tables, and a demo world to play in."""

from __future__ import annotations

from cordboard.settings import Settings
from cordboard.settings_addresses import LOCAL
from cordboard.stack.errors import StackError
from cordboard.stack.progress import Say, step


def bring_data(settings: Settings, say: Say, *, own: bool) -> None:
    """Migrate; fill a database of the stack's ``own`` with the demo world when it is empty.

    With offers in a database of their own that one is migrated too, filled when it has no offers,
    and both copies are brought up to date.

    Raises:
        StackError: a database is away, or they do not fit each other.
    """
    import psycopg

    from db import demo, offer_sync
    from db.migrate import migrate
    from db.strategies import build_whole, has_strategies

    try:
        with step(say, "postgres: bringing the tables up to date"):
            migrate(settings.database)
        if own and demo.is_empty(settings.database):
            with step(say, "postgres: loading the demo world"):
                demo.load(settings)
        if settings.is_split:
            with step(say, "postgres: bringing the offers database up to date"):
                if settings.offers_database_url == LOCAL:
                    offer_sync.make_database(settings)
                migrate(settings.offers_database)
                offer_sync.begin(settings)
        if own and settings.is_split and not has_strategies(settings.offers_database):
            with step(say, "postgres: forming everybody's list of offers"):
                build_whole(settings)
    except offer_sync.SyncError as error:
        raise StackError(f"offers: {error}", "docs/split.md tells how to begin.") from error
    except psycopg.Error as error:
        raise StackError(f"postgres: {str(error).strip()}", "Look at db/migrations.") from error
