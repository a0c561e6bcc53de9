"""CPU and wall time of whole processes of `csm`, against a bare Python and `import anthropic`.

    csm --help, csm list      what a person waits for at the prompt
    csm run, to the record    an offline run until its first journal record is on the disk: the cold
                              start, with all imports, the persona and its policy
    csm run                   the whole offline run: plan, health score, hand-offs, published

Every process works on a fresh copy of the demo memory. CPU is user + system of the child; one run
of each before the first writes Python's bytecode and is not counted.

    python -m benchmarks.start
    python -m benchmarks.start --quick
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import AS_OF, DEMO, INSTRUCTION, ROOT, middle, table, verdict

GOAL_START, GOAL_RUN = 0.5, 1.0
TO_THE_RECORD = """
import os
from agent.memory.journal import Journal
append = Journal.append
def first(self, *given, **data):
    append(self, *given, **data)
    os._exit(0)
Journal.append = first
from agent.cli import main
main()
"""


def contestants() -> dict[str, list[str]]:
    run = ["run", INSTRUCTION, "--model", "playbook", "--as-of", AS_OF]
    python, csm = [sys.executable], [sys.executable, "-m", "agent"]
    return {
        "python -c pass": [*python, "-c", "pass"],
        'python -c "import anthropic"': [*python, "-c", "import anthropic"],
        "csm --help": [*csm, "--help"],
        "csm list": [*csm, "list"],
        "csm run, to the first record": [*python, "-c", TO_THE_RECORD, *run],
        "csm run": [*csm, *run],
    }


def measure(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of one process on its own copy of the demo."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(DEMO, Path(folder) / "Agent_Memory")
        before, start = _children(), time.perf_counter()
        subprocess.run(
            command, cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return _children() - before, time.perf_counter() - start


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=9, help="processes of each kind (9)")
    parser.add_argument("--quick", action="store_true", help="three of each")
    given = parser.parse_args()
    repeats = 3 if given.quick else given.repeats
    commands = contestants()
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for n in range(repeats + 1):
        for name, command in commands.items():
            figures = measure(command)
            if n:
                spent[name].append(figures)
    cpu = {name: middle([c for c, _ in figures]) for name, figures in spent.items()}
    wall = {name: middle([w for _, w in figures]) for name, figures in spent.items()}
    sdk = cpu['python -c "import anthropic"']
    print(f"Whole processes, median of {repeats}\n")
    table(
        ["process", "CPU s", "wall s", "CPU against import anthropic"],
        [
            [name, f"{cpu[name]:.2f}", f"{wall[name]:.2f}", f"{cpu[name] / sdk:.2f}×"]
            for name in cpu
        ],
    )
    print()
    verdict("CPU to the first record", cpu["csm run, to the first record"], GOAL_START, unit=" s")
    verdict("CPU of a whole offline run", cpu["csm run"], GOAL_RUN, unit=" s")


if __name__ == "__main__":
    main()
