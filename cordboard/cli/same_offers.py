"""Commands that work on offers work on those of the stack that runs."""

from __future__ import annotations

from cordboard.settings import Settings
from cordboard.settings_addresses import LOCAL
from cordboard.stack import supervisor
from cordboard.stack.errors import StackError

VARIABLE = "CORDBOARD_OFFERS_DATABASE_URL"


def same_offers(settings: Settings) -> Settings:
    """The settings, when they mean the offers that the running stack uses.

    Raises:
        StackError: the stack has an offers database of its own, and the settings do not say so.
    """
    if settings.offers_database_url:
        return settings
    value = supervisor.started_with(settings, VARIABLE)
    if not value:
        return settings
    # An address may hold a password: that one is not told.
    given = f"{VARIABLE}={LOCAL}" if value == LOCAL else f"{VARIABLE} to the same address"
    raise StackError(
        f"{settings.instance} runs with offers in a database of their own; without {VARIABLE}"
        " this command would work on the customers database",
        f"Set {given} for it too, or run 'cordboard up' without it to go back to one database.",
    )
