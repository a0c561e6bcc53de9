"""For all tests."""

from __future__ import annotations

from functools import cache

import typer.testing

# The command line is built once per process, not anew by every test that types a command.
typer.testing._get_command = cache(typer.testing._get_command)
