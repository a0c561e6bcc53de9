"""Whose job is an instruction? Decided from policy words alone, before any paid call.

`decide` never guesses: a piece it cannot place makes the label `unsure` as soon as its words lean
towards another lane than the one decided. Claims of authority, personas, headers and quoted text
have no say, because nothing here reads them as policy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.boundary.asks import Segment, Source, name_runs, parties, segments, source, tokens
from agent.boundary.clauses import detect, norm_of
from agent.boundary.lanes import MAX_CHARS, Lanes, Language
from agent.boundary.leanings import OWN, can_change, named_lanes
from agent.boundary.reading import Finding, Reader
from agent.boundary.second_opinion import ask_model
from agent.boundary.verdict import Lane, Part, Triage, label_of

__all__ = ["Part", "Triage", "ask_model", "decide", "out_of_lane_action"]

_SIGNS: tuple[tuple[str, Lane, str, str], ...] = (
    ("support_signs", "support", "technical-support-engineer", "a fault is reported"),
    ("sales_signs", "sales", "account-executive", "somebody wants to buy"),
    ("product_signs", "product", "product-owner", "the product is asked to do something new"),
)
_NOT_A_CUSTOMER = "not a customer yet: the initial sale is sales' lane"
_HAND_OVERS = (
    (
        "to_account_manager",
        "account-manager",
        "qualified expansion is passed to the account manager",
    ),
    ("to_product_owner", "product-owner", "the voice of the customer goes to the product owner"),
    ("to_vp", "vp-customer-support", "critical churn risk is escalated"),
    ("to_executives", "executive-team", "a strategic partnership goes to the executives"),
)


@dataclass(frozen=True)
class _Read:
    """One text, read: where its findings can be looked up again. `late`: whoever is not a customer
    is brought in after asks about somebody else."""

    src: Source
    segs: list[Segment]
    lang: Language
    findings: list[Finding]
    strangers: bool
    customers: bool
    late: bool = False

    def span(self, finding: Finding) -> str:
        return self.src.span(finding.start, finding.end)


def decide(text: str, context: str | None, lanes: Lanes) -> Triage:
    """Triage an instruction by policy.

    Args:
        text: the objective, in any supported language; read up to `MAX_CHARS` characters.
        context: text handed over beside it. Background, unless `text` merely points at it
            ("could you see to this one?").

    Returns:
        A sure decision, or label `unsure` with the best guess in `reasons`.
    """
    if len(text) > MAX_CHARS or len(context or "") > MAX_CHARS:
        return _unsure((f"longer than {MAX_CHARS} characters; not judged by policy",))
    src = source(text)
    lang = detect(src, lanes)
    if lang is None:
        return _unsure(("the policy knows no words of this language",), recognised=False)
    reads = [_read(src, lang, lanes, context)]
    if any(f.kind == "delegated" for f in reads[0].findings):
        pointed = _delegated(text, context, reads[0], lanes)
        reads = [*reads, pointed] if pointed else [_read(src, lang, lanes, context, pointing=False)]
    return _verdict(reads)


def out_of_lane_action(text: str, lanes: Lanes) -> Part | None:
    """The foreign ask in the title of an action that the success manager would do, if it clearly
    is one ("Reset the password"). Informing, preparing, coordinating and handing over never are."""
    if not text.strip() or len(text) > MAX_CHARS:
        return None
    src = source(text)
    lang = detect(src, lanes) or lanes.languages.get("en")
    if lang is None:
        return None
    for finding in Reader(src, segments(src, lanes.layout), lang).findings():
        if finding.kind == "ask" and finding.lane not in (None, "in_lane") and finding.rule:
            return _part(src.span(finding.start, finding.end), finding, strangers=False)
    return None


def _unsure(reasons: tuple[str, ...], *, recognised: bool = True) -> Triage:
    return Triage("unsure", False, (), reasons, recognised=recognised)


def _read(
    src: Source, lang: Language, lanes: Lanes, context: str | None = None, *, pointing: bool = True
) -> _Read:
    """Read twice: who the text is about stands in its background, and decides what asks mean."""
    segs = segments(src, lanes.layout)
    first = Reader(src, segs, lang, pointing=pointing).findings()
    norms = [f.norm for f in first]
    if context:
        beside = source(context, quoted_asks=True)
        norms += [norm_of(tokens(beside, s, lang)) for s in segments(beside, lanes.layout)]
    strangers = any(lang.has("not_a_customer", n) for n in norms)
    customers = any(lang.has("customer", n) or lang.has("third_parties", n) for n in norms)
    start = _strangers_from(src, segs, lang) if strangers else 0
    if strangers:
        first = Reader(src, segs, lang, strangers_from=start, pointing=pointing).findings()
    return _Read(src, segs, lang, first, strangers, customers, late=start > 0)


def _strangers_from(src: Source, segs: list[Segment], lang: Language) -> int:
    """The segment that brings in somebody who is not a customer, by name and after others have
    been named; 0 when the whole text is about them."""
    before: set[str] = set()
    host: set[str] = set()
    for n, seg in enumerate(segs):
        if seg.kind != "aside":
            before |= host
            host = {name for name, _ in name_runs(src, seg, lang) if not name.endswith("'s")}
        if lang.has("not_a_customer", norm_of(tokens(src, seg, lang))):
            known = any(a in b or b in a for a in host for b in before)
            return n if host and before and not known else 0
    return 0


def _delegated(text: str, context: str | None, read: _Read, lanes: Lanes) -> _Read | None:
    """The text that "see to this one" points at: the context, else the quotation in the text."""
    if context and context.strip():
        src = source(context, quoted_asks=True)
    elif read.src.quotes:
        src = source(text, quoted_asks=True)
    else:
        return None
    inner = _read(src, detect(src, lanes) or read.lang, lanes)
    found = inner.findings
    if not (context and context.strip()):
        found = [f for f in found if any(a <= f.start < b for a, b in read.src.quotes)]
    if found and not any(f.kind == "ask" for f in found):
        found = _signs(found, inner)
    return replace(inner, findings=found)


def _signs(found: list[Finding], read: _Read) -> list[Finding]:
    """Without an explicit ask, what is reported shows what is wanted, if it points one way."""
    lang, whole = read.lang, " ".join(f.norm for f in found)
    hits = [(lane, target, why) for g, lane, target, why in _SIGNS if lang.has(g, whole)]
    if read.strangers:
        hits = [h for h in hits if h[0] == "sales"] or hits
    start, end, topics = found[0].start, found[-1].end, lang.has("topics", whole)
    if topics and not hits:
        return [Finding("ask", start, end, 0, whole, "in_lane", why="what is reported is ours")]
    if len(hits) != 1 or topics:
        return [Finding("unknown", start, end, 0, whole, why="points several ways or nowhere")]
    lane, target, why = hits[0]
    return [Finding("ask", start, end, 0, whole, lane, None, why, target)]


def _part(span: str, finding: Finding, *, strangers: bool) -> Part:
    target = finding.rule.target if finding.rule else finding.target
    if strangers and finding.lane == "sales":
        return Part(span, "sales", "account-executive", _NOT_A_CUSTOMER)
    return Part(span, finding.lane or "in_lane", target, finding.why)


def _verdict(reads: list[_Read]) -> Triage:
    asks, weak, unknown = (
        [(r, f) for r in reads for f in r.findings if f.kind == kind]
        for kind in ("ask", "weak", "unknown")
    )
    doubts: list[str] = []
    if any(r.strangers for r in reads):
        asks, unknown, doubts = _for_strangers(asks, unknown, reads)
    if weak and not asks:
        asks, weak = weak, []
    if not asks:
        asks = _only_told(reads, unknown)
    asks = [(r, _desk_work(r, f)) for r, f in asks]
    asked = {str(f.lane) for _, f in asks}
    reasons = [f"{f.lane}: {r.span(f)!r} ({f.rule.id if f.rule else f.why})" for r, f in asks]
    aside = [(r, f) for r, f in unknown if not asks or can_change(f.leans, asked)]
    doubts += [f"not placed: {r.span(f)!r} ({f.why})" for r, f in aside]
    doubts += [f"perhaps only a wish: {r.span(f)!r}" for r, f in weak if f.lane not in asked]
    label = label_of(asked) if asks else "unsure"
    if doubts or label == "unsure":
        guess = f"best guess: {label}" if asks else "nothing is asked that the policy knows"
        known = bool(asks) or any(_recognised(r) for r in reads)
        return _unsure((guess, *reasons, *doubts), recognised=known)
    own = tuple(r.span(f) for r, f in asks if f.lane == "in_lane")
    parts = _parts(asks)
    if not own:
        # The whole instruction is redirected, so one message per role is enough.
        parts = tuple({p.target: p for p in reversed(parts)}.values())[::-1]
    unplaced = tuple(r.span(f) for r, f in unknown)
    return Triage(label, True, parts, tuple(reasons), own=own, unplaced=unplaced)


def _desk_work(read: _Read, ask: Finding) -> Finding:
    """ "Answer the customer" is ours, but not where a ticket is named and our work nowhere is."""
    lang, told = read.lang, " ".join(f.norm for f in read.findings)
    vague = ask.lane == OWN and ask.rule is not None and ask.rule.generic
    ours = any(lang.has(g, told) for g in ("topics", "impact", "deliverables"))
    if not vague or ours or not lang.has("ticket_numbers", told):
        return ask
    why = "single tickets belong to the support desk"
    return replace(ask, lane="support", rule=None, why=why, target="customer-support-rep")


def _recognised(read: _Read) -> bool:
    """Whether anything in the text is a word of any lane, account talk or a question."""
    lang = read.lang
    groups = (
        "topics", "impact", "foreign_subjects", "deliverables", "customer", "not_a_customer",
        *(sign[0] for sign in _SIGNS),
    )  # fmt: skip
    for f in read.findings:
        if f.kind in ("ask", "weak", "delegated") or any(lang.has(g, f.norm) for g in groups):
            return True
        asked = read.segs[f.segment].question and lang.has("question_words", f.norm)
        if asked or (lang.any_verb is not None and lang.any_verb.search(f.norm)):
            return True
    return False


def _only_told(reads: list[_Read], unknown: _Asks) -> _Asks:
    """Nothing is asked outright. What is told may still point one way: only towards our own work
    ("customer journey for …, day 0 to day 90"), or at a reported fault."""
    read = reads[-1]
    told = [f for f in read.findings if f.kind in ("background", "unknown") and f.norm.strip()]
    if not told or len(reads) > 1:
        return []
    lang, whole = read.lang, " ".join(f.norm for f in told)
    elsewhere = (
        any(lang.has(group, whole) for group in ("foreign_subjects", *(s[0] for s in _SIGNS)))
        or any(named_lanes(f.norm, lang) for f in told)
        or any(f.leans - {OWN} for _, f in unknown)
    )
    if lang.has("topics", whole) and not elsewhere:
        ours = [f for f in told if lang.has("topics", f.norm)]
        why = "only our own work is named"
        return [(read, replace(f, kind="ask", lane="in_lane", why=why)) for f in ours]
    if lang.has("ticket_numbers", whole) and lang.has("support_signs", whole):
        return [(read, f) for f in _signs(told, read) if f.kind == "ask"]
    return []


_Asks = list[tuple[_Read, Finding]]


def _for_strangers(
    asks: _Asks, unknown: _Asks, reads: list[_Read]
) -> tuple[_Asks, _Asks, list[str]]:
    """Everything asked about somebody who is not a customer is sales', a success plan included.
    Where the text also speaks of a customer or names several parties, that is not decided here."""
    names = set().union(*(parties(r.src, r.segs, r.lang) for r in reads))
    single = len(names) <= 1 and not any(r.customers or r.late for r in reads)
    ours = any(f.lane == "in_lane" for _, f in asks)
    selling = any(f.lane == "sales" for _, f in asks)
    if single and selling:
        return [(r, f) for r, f in asks if f.lane != "in_lane"], [], []
    if single and (ours or unknown) and all(f.lane == "in_lane" for _, f in asks):
        wanted = [(r, f) for r, f in (asks or unknown)]
        return [(r, replace(f, kind="ask", lane="sales", rule=None)) for r, f in wanted], [], []
    if ours and not selling:
        return asks, unknown, ["somebody in it is not a customer"]
    return asks, unknown, []


def _parts(asks: _Asks) -> tuple[Part, ...]:
    """Foreign asks, neighbours for the same role joined into one span; then our own hand-overs."""
    out: list[Part] = []
    last: tuple[_Read, Finding] | None = None
    for read, f in asks:
        if f.lane == "in_lane":
            out += _hand_overs(read, f)
            last = None
            continue
        part = _part(read.span(f), f, strangers=read.strangers)
        if (
            last is not None
            and last[0] is read
            and last[1].segment == f.segment
            and (out[-1].target == part.target or _tags_along(f, out[-1]))
        ):
            first = last[1]
            merged = read.src.span(first.start, f.end)
            out[-1] = Part(merged, part.lane, out[-1].target, out[-1].why)
            last = (read, replace(f, start=first.start))
            continue
        out.append(part)
        last = (read, f)
    return tuple(out)


def _tags_along(finding: Finding, part: Part) -> bool:
    """ "… and close the ticket" goes to whoever mends the fault."""
    return finding.rule is not None and finding.rule.generic and finding.lane == part.lane


def _hand_overs(read: _Read, f: Finding) -> list[Part]:
    return [
        Part(read.span(f), "in_lane", target, why)
        for group, target, why in _HAND_OVERS
        if read.lang.has(group, f.norm)
    ]
