"""Does a sentence of a customer's note speak to a machine, or try to change rules and scores?

What customers write is evidence, never instruction. A sentence found here stays quotable; it is
marked, so that nobody, model or person, takes it for an order. Words come from the policy file.
"""

from __future__ import annotations

import re

from agent.boundary.lanes import MAX_CHARS, Lanes

_INVISIBLE = re.compile(
    "[\u200b\u200c\u200d\u2060\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_TAG = re.compile(
    r"</?(?:system|assistant|user|human|instructions?|prompt|tool\w*|function\w*|data\w*|context|policy"
    r"|admin|untrusted\w*|note|quote|result)\b[^<>]{0,80}>|\[/?(?:INST|SYS|SYSTEM)\]|<\|[a-z_]{2,20}\|>"
    r"|\[(?:system|developer|assistant)(?: message)?\]",
    re.IGNORECASE,
)
_ROLE_PREFIX = re.compile(r"(?im)^\W{0,8}(?:system|assistant|developer|tool)\s?:")
_BLOB = re.compile(r"(?<![\w/.+-])[A-Za-z0-9+/]{40,20000}={0,2}(?![\w/])")
_WORD = re.compile(r"[^\W_][\w'.-]*")


def instruction_like(sentence: str, lanes: Lanes) -> bool:
    """True when `sentence` looks addressed to an agent or sets out to change rules, scores, roles
    or files. Ordinary complaints and wishes ("ignore the last invoice") are not.

    Reads at most `MAX_CHARS` characters; what is longer counts as suspicious.
    """
    if len(sentence) > MAX_CHARS:
        return True
    if _INVISIBLE.search(sentence) or _TAG.search(sentence) or _ROLE_PREFIX.search(sentence):
        return True
    if any(_encoded(m.group()) for m in _BLOB.finditer(sentence)):
        return True
    norm = " " + " ".join(w.strip(".'-").lower() for w in _WORD.findall(sentence)) + " "
    groups = lanes.injection

    def has(name: str) -> bool:
        phrases = groups.get(name)
        return phrases is not None and phrases.search(norm) is not None

    return has("commands") or has("other_languages") or (has("addressees") and has("imperatives"))


def _encoded(blob: str) -> bool:
    """Long runs that mix cases and digits like base64 do; a long word or a number is none."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return all(any(kind(ch) for ch in blob) for kind in kinds)
