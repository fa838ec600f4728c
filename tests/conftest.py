"""No test may depend on where it runs: the environment of git, CI and terminals is taken away."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("search", deadline=None)  # a busy machine is not a defect
# The same cases every time, so that no change fails over a case that has nothing to do with it.
settings.register_profile("blackstart", settings.get_profile("search"), derandomize=True)
settings.load_profile("blackstart")

_FOREIGN = ("GIT_", "CI", "GITHUB_", "GITLAB_", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "BLACKSTART_")

for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
    del os.environ[name]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what tests start a hundred times starts sooner once compiled
