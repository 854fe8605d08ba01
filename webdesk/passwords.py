"""Passwords: argon2, checked off the event loop."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webdesk.off_the_loop import off_the_loop

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when the user does not exist, so that the answer takes the same time."""
    return _hasher.hash("nobody has this password")


def password_matches(stored: str | None, given: str) -> bool:
    """Whether ``given`` is the password behind ``stored``, an argon2 hash or None for no user.

    The hash costs tens of milliseconds of processor time; in a gevent worker it runs in a real
    thread, so that no desk waits for somebody else's log-in.
    """
    return off_the_loop(_verify, stored, given)


def _verify(stored: str | None, given: str) -> bool:
    try:
        matches = _hasher.verify(stored or _nobody(), given)
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None
