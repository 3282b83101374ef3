"""`python -m kexp`."""

import sys

from kexp.cli import main

if __name__ == "__main__":
    sys.exit(main())
