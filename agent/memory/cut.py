"""One account's entry taken out of a YAML file of accounts; the others stay byte for byte."""

from __future__ import annotations

from agent.errors import BadDocument
from agent.memory.slices import TOP, index, load_whole
from agent.memory.yaml_dump import dump
from agent.memory.yaml_text import check_text


def has_entry(data: bytes, account_id: str, *, where: str) -> bool:
    """Whether `data` is a file of accounts with an entry of this one.

    Raises:
        BadDocument: it cannot be told, because the file cannot be read.
    """
    check_text(data, where)
    found = index(data, where=where)
    if found.style == "block":
        return account_id in found
    if found.style in ("absent", "empty"):
        return TOP.encode() in data and account_id in _accounts(data, where)
    return account_id in _accounts(data, where)


def without_entry(data: bytes, account_id: str, *, where: str) -> bytes:
    """`data` without the entry, and without the comments inside it.

    A file that is not in block style is written anew from its values, so its comments go.

    Raises:
        BadDocument: the file cannot be read.
    """
    found = index(data, where=where)
    if found.style == "block":
        start = found.starts[account_id][0]
        return data[:start] + data[found.end_of(account_id) :]
    document = load_whole(data, where)
    accounts = {key: value for key, value in document[TOP].items() if key != account_id}
    return dump({**document, TOP: accounts}).encode()


def _accounts(data: bytes, where: str) -> dict[str, object]:
    document = load_whole(data, where)
    accounts = document.get(TOP) if isinstance(document, dict) else None
    if accounts is not None and not isinstance(accounts, dict):
        raise BadDocument(f"'{TOP}' is not a mapping of accounts.", where=where)
    return accounts or {}
