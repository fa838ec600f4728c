"""No test may depend on where it runs: the environment of git, CI and terminals is taken away."""

from __future__ import annotations

import os

_FOREIGN = ("GIT_", "CI", "GITHUB_", "GITLAB_", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "BLACKSTART_")

for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
    del os.environ[name]
