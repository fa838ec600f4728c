"""The program, for which Python is told that its life is short: nearly all that a run makes lives until its end."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run a command; the exit code is 0, 1, 2 or 3."""
    gc.set_threshold(200_000, 20, 20)
    from blackstart import cli  # no sooner, since loading makes most of the objects

    code = cli.main()
    gc.freeze()  # Python would look at each of them once more
    return code


if __name__ == "__main__":
    sys.exit(main())
