"""`python -m blackstart`."""

import sys

from blackstart.cli import main

sys.exit(main())
