import sys

from pennant.cli import main

sys.exit(main())
