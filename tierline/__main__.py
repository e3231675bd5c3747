"""``python -m tierline``: the same as the command."""

from tierline.cli import main

main()
