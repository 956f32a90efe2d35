"""`python -m hfquick ...` is the command `hfquick ...`, also in a clone where nothing is installed yet."""

import sys

if sys.version_info < (3, 10):  # before anything is imported that an older Python cannot read
    sys.exit("hfquick needs Python 3.10 or newer; this is " + sys.version.split()[0])

from hfquick.commands.cli import main

sys.exit(main())
