"""`python -m mldebt`, which Python starts with the working directory in front of the module path.

That is often the repository to be scanned, whose `click.py` would run; it is taken off before anything else is imported.
"""

import os
import sys

if not sys.flags.safe_path and sys.path and os.path.realpath(sys.path[0] or os.curdir) == os.path.realpath(os.curdir):
    del sys.path[0]

from mldebt.cli import main

if __name__ == "__main__":
    main()
