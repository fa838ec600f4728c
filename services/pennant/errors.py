"""What can go wrong, with the HTTP status that says so. Messages tell how to fix it."""


class PennantError(Exception):
    """Pennant could not do what it was asked."""

    status = 500


class InvalidInput(PennantError):
    """The request or option is not acceptable."""

    status = 400


class Unauthorized(PennantError):
    """Nobody we know asked for this."""

    status = 401


class NotFound(PennantError):
    """There is no such thing."""

    status = 404


class Conflict(PennantError):
    """The state of things forbids it."""

    status = 409


class TooLarge(PennantError):
    """The request body is too large."""

    status = 413


class DatabaseUnavailable(PennantError):
    """PostgreSQL does not answer, or has no schema."""

    status = 503


class CacheUnavailable(PennantError):
    """Valkey does not answer."""

    status = 503
