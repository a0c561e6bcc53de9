from __future__ import annotations

from tests.cli.conftest import _no_settings_of_the_machine, csm

__all__ = ["_no_settings_of_the_machine", "csm"]
