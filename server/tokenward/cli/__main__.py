"""`python -m tokenward.cli`."""

from tokenward.cli.main import main

main()
