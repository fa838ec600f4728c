"""What stops blackstart from doing its work. What people wrote wrongly is a finding, never one of these."""

from __future__ import annotations

from collections.abc import Sequence

from blackstart.model import Problem


class BlackstartError(Exception):
    """It could not judge; the message says why and what to do."""


class UsageError(BlackstartError):
    """The command was called with something it cannot work on."""


class ConfigurationError(BlackstartError):
    """blackstart.yml or a kind is not usable."""

    @classmethod
    def at(cls, problems: Sequence[Problem]) -> ConfigurationError:
        """One error that names every problem with file, line and fix."""
        lines = (f"{p.path}:{p.line}:{p.column}: {p.message}\n  {p.fix}" for p in problems)
        return cls("\n".join(lines))


class HistoryError(BlackstartError):
    """git could not answer."""
