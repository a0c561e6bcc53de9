"""Every figure a text states, in whatever notation.

Read are: integers and decimals with point or comma, thousands in groups (comma, point, blank,
apostrophe), currency signs and codes, k/M/bn, percent, ranges, ratios, factors ("2x"), vulgar
fractions, ISO and written dates in several orders, months, quarters, weeks, times, ordinals,
English number words and shares. Not read: number words of other languages (German, French,
Spanish, Dutch …), month names alone, vague amounts ("dozens", "several"), ordinal words ("first
quarter"). Identifiers come back as figures of kind "identifier". Work is linear in the length of
the text.
"""

from __future__ import annotations

from dataclasses import replace

from agent.boundary.dates import find_dates
from agent.boundary.folding import blank, fold
from agent.boundary.identifiers import blank_ignored, find_addresses, find_identifiers
from agent.boundary.number_words import find_words
from agent.boundary.numerals import find_numbers, with_unit
from agent.boundary.quantities import Figure


def extract(text: str, *, liberal: bool = False) -> tuple[Figure, ...]:
    """The figures of `text` in order of appearance, with their positions in it.

    Args:
        text: any text; never raises.
        liberal: for evidence, where reading more lets more be borne out: every number word and
            months without day or year count too.
    """
    plain = blank_ignored(fold(text))
    figures, plain = find_addresses(plain)
    dates, plain = find_dates(plain, liberal)
    names, plain = find_identifiers(plain)
    words = [with_unit(plain, figure) for figure in find_words(plain, liberal)]
    plain = blank(plain, sorted((f.start, f.end) for f in words))
    figures += [*dates, *names, *words, *find_numbers(plain)]
    figures.sort(key=lambda figure: figure.start)
    return tuple(replace(f, text=text[f.start : f.end].strip()) for f in figures)
