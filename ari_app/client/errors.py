"""What an ARI command can answer instead of a result."""

from __future__ import annotations


class AriError(Exception):
    """Asterisk refused a command.

    Attributes:
        status: the HTTP status, or 0 when there was no answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status


class BadRequest(AriError):
    """400, 422: the command makes no sense; a channel named in it may be gone."""


class Gone(AriError):
    """404: the channel, bridge or playback does not exist (any more)."""


class Conflict(AriError):
    """409: the id exists already, or the channel is not in our application."""


class WrongState(AriError):
    """412: the channel is not in a state for this command."""


class ServerError(AriError):
    """500 and above; an originate to a phone without a contact answers so."""


class Unreachable(AriError):
    """No answer in time, or no connection: whether the command was done is not known."""

    def __init__(self, message: str) -> None:
        super().__init__(0, message)


_BY_STATUS: dict[int, type[AriError]] = {
    400: BadRequest,
    404: Gone,
    409: Conflict,
    412: WrongState,
    422: BadRequest,
}


def error_for(status: int, message: str) -> AriError:
    """The typed error of an HTTP status."""
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else AriError)
    return kind(status, message)
