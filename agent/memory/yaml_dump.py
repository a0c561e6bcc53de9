"""YAML written so that every reader, of version 1.1 or 1.2, gets the same values back."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import yaml

from agent.errors import BadDocument

_WIDTH = 100
_MAX_DEPTH = 60

# Unquoted, one reader or another takes these for something else than text.
_WORDS = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity|~|=|<<|[-+]?\.inf|\.nan)?", re.I
)
_NUMBERLIKE = re.compile(r"[-+.]*[0-9][0-9A-Za-z_:.+\- ]*")
_BREAKS = re.compile(r"[\t\n\r\x85\u2028\u2029\ufeff]")
_UNPRINTABLE_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class _Text(str):
    """Text that has to be quoted; `style` says how."""

    style: str


class _Dumper(yaml.CSafeDumper):
    """Block style without aliases. What needs quotes is decided by us, so nothing is resolved."""

    # A copy that knows numbers, booleans and null only: they are written plain.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def ignore_aliases(self, _data: Any) -> bool:
        return True


_Dumper.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^null$"), ["n"])
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?[0-9]+$"), list("-0123456789")
)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(?:[0-9]+\.[0-9]*(?:e[-+][0-9]+)?|\.inf)$|^\.nan$"),
    list("-.0123456789"),
)
_Dumper.add_representer(
    _Text,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", str(text), style=text.style
    ),
)


def dump(value: Any) -> str:
    """`value` as block-style YAML, keys in the given order, lines up to about 100 columns.

    Takes dict, list, tuple, str, int, float, bool, None and dates (written as quoted ISO text);
    keys become text. Text that a reader could take for a number, date, boolean or null is quoted.
    The same value always gives the same text.

    Raises:
        BadDocument: a text that YAML cannot carry (NUL, half a surrogate pair), or deeper nesting
            than can be read back; `where` is the path of keys to it.
        TypeError: another type of value.
    """
    return str(
        yaml.dump(
            _plain(value, ""),
            Dumper=_Dumper,
            default_flow_style=False,
            sort_keys=False,
            allow_unicode=True,
            width=_WIDTH,
        )
    )


def dump_flow(value: Any) -> str:
    """`value` on one line, as JSON that is YAML 1.2 flow style too; errors as for `dump`.

    Infinite numbers and NaN, which JSON has no words for, are refused with BadDocument.
    """
    try:
        text = json.dumps(_plain(value, ""), ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise BadDocument(
            "holds an infinite or undefined number.", fix="write the file in block style."
        ) from None
    return _UNPRINTABLE_IN_YAML.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _plain(value: Any, path: str, depth: int = 1) -> Any:
    """A copy made of exact builtin types, with texts marked that need quotes."""
    if isinstance(value, str):
        return _text(value, path)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, date):
        return _text(value.isoformat(), path)
    if not isinstance(value, dict | list | tuple):
        raise TypeError(f"{path or 'value'}: {type(value).__name__} cannot be written as YAML")
    if depth > _MAX_DEPTH:
        raise BadDocument(f"is nested deeper than {_MAX_DEPTH} levels.", where=path)
    if isinstance(value, dict):
        return {
            _text(str(key), path): _plain(item, f"{path}.{key}" if path else str(key), depth + 1)
            for key, item in value.items()
        }
    return [_plain(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(value)]


def _text(value: str, path: str) -> str:
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadDocument(
            "holds a NUL or half a surrogate pair, which YAML text cannot carry.",
            where=path[:200],
            fix="remove that character.",
        )
    style = ""
    if _BREAKS.search(value):
        style = '"'
    elif _WORDS.fullmatch(value) or _NUMBERLIKE.fullmatch(value):
        style = "'"
    if not style:
        return str(value)
    text = _Text(value)
    text.style = style
    return text
