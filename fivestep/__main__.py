"""`python -m fivestep` is `fivestep`."""

from __future__ import annotations

from fivestep.cli import main

if __name__ == "__main__":
    main()
