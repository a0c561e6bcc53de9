"""`python -m agent` is `csm`."""

from agent.cli import main

main()
