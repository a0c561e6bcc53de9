"""One pass over a table against one script per question: CPU time and peak memory.

    python -m benchmarks.book_of_business [--sizes 1000 10000 100000] [--million] [--repeats 3]

Both ways run in turn, each in processes of its own, in the same minutes; figures are the least
CPU time (user and system) of the repeats and the highest peak of memory, as the kernel counted
them for each process. CPU time is what to compare: it hardly moves when the machine is busy.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import AS_OF, ROOT, table, verdict
from benchmarks.naive_book import QUESTIONS

DIRTY = "0.05"
MB = 1024  # ru_maxrss is in KiB


@dataclass(frozen=True)
class Cost:
    """CPU seconds and peak resident MB."""

    cpu: float
    peak: float


def run(command: list[str], out: Path) -> Cost:
    """What one process took, by `wait4`."""
    with out.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MB)


def ours(book: Path, folder: Path) -> Cost:
    out = folder / "scores.csv"
    command = [sys.executable, "-m", "agent", "score", str(book), "--out", str(out)]
    return run([*command, "--as-of", AS_OF], folder / "summary.txt")


def naive(book: Path, folder: Path) -> list[Cost]:
    script = str(ROOT / "benchmarks" / "naive_book.py")
    return [
        run([sys.executable, script, question, str(book)], folder / f"{question}.json")
        for question in QUESTIONS
    ]


def least(costs: list[Cost]) -> Cost:
    return Cost(min(c.cpu for c in costs), max(c.peak for c in costs))


def make(folder: Path, count: int, *endings: str) -> list[Path]:
    """Made by other processes: a child's peak never counts below the size of its parent."""
    out = [folder / f"book-{count}.{ending}" for ending in endings]
    for path in out:
        command = [sys.executable, "-m", "benchmarks.make_book", str(count), "--out", str(path)]
        subprocess.run([*command, "--dirty", DIRTY], check=True, cwd=ROOT)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="measure 1,000,000 too, ours only")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    lines, one, usual, parquet = [], Cost(0, 0), Cost(0, 0), Cost(0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in given.sizes:
            csv, packed, document = make(folder, count, "csv", "parquet", "json")
            pairs = [
                (ours(csv, folder), naive(document, folder), ours(packed, folder))
                for _ in range(given.repeats)
            ]
            one = least([a for a, _, _ in pairs])
            usual = least(
                [Cost(sum(c.cpu for c in b), max(c.peak for c in b)) for _, b, _ in pairs]
            )
            parquet = least([c for _, _, c in pairs])
            lines.append(
                (
                    f"{count:,}",
                    f"{one.cpu:.2f} s",
                    f"{parquet.cpu:.2f} s",
                    f"{usual.cpu:.2f} s",
                    f"{one.cpu / usual.cpu:.2f}",
                    f"{one.peak:.0f} MB",
                    f"{parquet.peak:.0f} MB",
                    f"{usual.peak:.0f} MB",
                )
            )
            document.unlink()
        large = None
        if given.million:
            (csv,) = make(folder, 1_000_000, "csv")
            large = ours(csv, folder)
            figures = (f"{large.cpu:.2f} s", "-", "-", "-", f"{large.peak:.0f} MB", "-", "-")
            lines.append(("1,000,000", *figures))
    table(
        ("accounts", "csm score, CSV", "Parquet", "four scripts", "ratio", "peak, CSV",
         "peak, Parquet", "peak, scripts"),
        lines,
    )  # fmt: skip
    verdict("CPU against the four scripts", one.cpu / usual.cpu, 1 / 3)
    verdict("peak memory, CSV", one.peak, 200, unit=" MB")
    verdict("peak memory, Parquet", parquet.peak, 200, unit=" MB")
    if large is not None:
        growth = (large.cpu / 1_000_000) / (one.cpu / given.sizes[-1])
        verdict(f"CPU per account, 1,000,000 against {given.sizes[-1]:,}", growth, 1.3)


if __name__ == "__main__":
    main()
