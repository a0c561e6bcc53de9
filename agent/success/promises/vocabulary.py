"""Keys and words by which plans of any tool tell a promise, its day, its owner and its state.

Keys are compared in lower case without accents, cut into words: `Nächste_Schritte` is
("nachste", "schritte"). English, German, French, Spanish, Italian, Dutch and Portuguese are known.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from agent.success.insights.sentences import folded

Kind = Literal["objective", "action", "milestone", "other"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OBJECTIVE = """goal goals objective objectives outcome outcomes target targets ziel ziele
erfolgsziel erfolgsziele objectif objectifs but buts objetivo objetivos metas obiettivo obiettivi
doel doelen doelstelling doelstellingen"""
_MILESTONE = """milestone milestones meilenstein meilensteine jalon jalons hito hitos marcos
traguardo traguardi mijlpaal mijlpalen"""
_ACTION = """action actions step steps task tasks todo todos promise promises promised commitment
commitments committed followup followups agreed agreement agreements
massnahme massnahmen aufgabe aufgaben schritt schritte zusage zusagen versprechen versprochen
vereinbarung vereinbarungen vereinbart
tache taches etape etapes promesse promesses engagement_pris engagements_pris
accion acciones tarea tareas compromiso compromisos paso pasos
azione azioni compito compiti impegno impegni passo passi
actie acties taak taken stap stappen afspraak afspraken toezegging toezeggingen
acao acoes tarefa tarefas compromisso compromissos"""
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_OBJECTIVE.split(), "objective"),
    **dict.fromkeys(_MILESTONE.split(), "milestone"),
    **dict.fromkeys(_ACTION.split(), "action"),
}
_PAIRS: dict[tuple[str, str], Kind] = {
    ("to", "do"): "action", ("follow", "up"): "action", ("follow", "ups"): "action",
    ("engagements", "pris"): "action", ("engagement", "pris"): "action",
}  # fmt: skip
# What ends a key that only says something about a promise: action_owner, goal_count.
_ABOUT = _set(
    """owner date due status by count id ids type note notes number total percent rate unit who when
    score health"""
)

TITLES = _set(
    """title statement objective goal action what task name step text description promise milestone
    item summary subject todo commitment
    titel beschreibung ziel massnahme aufgabe was bezeichnung schritt zusage
    titre intitule quoi objectif tache description libelle
    titulo descripcion que objetivo accion tarea titolo descrizione cosa obiettivo azione compito
    omschrijving wat doel actie taak titulo descricao"""
)
_TITLE_ORDER = (
    "title", "titel", "titre", "titulo", "titolo", "statement", "objective", "goal", "action",
    "what", "was", "quoi", "task",
)  # fmt: skip
DUES = _set(
    """due by deadline when date until target_date due_date dueon due_on
    bis fallig faellig frist termin datum fallig_am faellig_am wann
    echeance date_limite pour_le avant quand delai
    fecha vence plazo fecha_limite cuando data scadenza entro quando
    tegen deadline wanneer uiterlijk prazo"""
)
STATES = _set(
    """status state outcome done result progress completed
    stand zustand ergebnis erledigt stato esito estado resultado etat statut avancement fait
    situacao voortgang"""
)
OWNERS = _set(
    """owner who responsible assignee assigned_to owned_by lead
    verantwortlich verantwortliche verantwortlicher wer zustandig zustaendig
    responsable qui pilote porteur quien responsabile chi eigenaar wie responsavel quem"""
)
# What says which plan it is, not what it says.
IDENTITY = _set(
    """schema version id plan_id instruction_id account account_id account_name customer customer_id
    customer_name client client_id client_name kunde kunden_id kundenname name nom nombre
    date datum as_of created created_at created_on written_on written_by author autor auteur
    status quarter quartal trimestre owner language sprache langue updated updated_at"""
)

_VERDICTS = _set(
    """health score scores tier rating grade probability ampel gesundheit bewertung
    sante note_globale salud puntuacion salute punteggio"""
)

_DONE = re.compile(
    r"(done|complete[d]?|met|achieved|closed|finished|kept|delivered|true|yes|ok|100 ?%"
    r"|erledigt|fertig|abgeschlossen|erreicht|ja|fait|faite|termine|terminee|atteint|oui"
    r"|hecho|hecha|cumplido|completado|logrado|si|fatto|completato|raggiunto"
    r"|gedaan|klaar|afgerond|behaald|feito|concluido)"
)
_DROPPED = re.compile(
    r"(dropped|cancel+ed|abandoned|void|obsolete|verworfen|gestrichen|entfallt|entfallen|hinfallig"
    r"|abandonne|abandonnee|annule|annulee|cancelado|anulado|annullato|vervallen|geschrapt)"
)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(?:q([1-4])[ -/]?(\d{4})|(\d{4})[ -/]?q([1-4]))")


def key_words(key: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z]+|\d+", folded(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key))))


def plain_key(key: str) -> str:
    """`Fällig am` → `fallig_am`."""
    return "_".join(key_words(key))


def kind_of(key: str) -> Kind | None:
    """What a list under this key holds; None where the key does not say that it is promises."""
    if len(key) > 80:
        return None
    words = [w for w in key_words(key) if not w.isdigit() and w not in ("q", "h")]
    if not words or words[-1] in _ABOUT:
        return None
    for pair in pairwise(words):
        if pair in _PAIRS:
            return _PAIRS[pair]
    return next((_KINDS[w] for w in reversed(words) if w in _KINDS), None)


def is_verdict(path: str) -> bool:
    """Whether what stands under these keys is a score or a tier."""
    return bool(_VERDICTS & set(key_words(path)))


def title_rank(key: str) -> int | None:
    """How surely a key of an item holds its title, 0 the surest; None when it does not."""
    word = plain_key(key)
    if word in _TITLE_ORDER:
        return _TITLE_ORDER.index(word)
    return len(_TITLE_ORDER) if word in TITLES else None


def is_done(status: str) -> bool:
    return _DONE.fullmatch(folded(status).strip(" .!")) is not None


def is_dropped(status: str) -> bool:
    return _DROPPED.fullmatch(folded(status).strip(" .!")) is not None


def day_of(text: str) -> date | None:
    """The day that a due date means: a day, the last one of a month (2026-09) or quarter (Q3 2026).
    Dotted dates are day first; dates with slashes may mean two days and mean none here."""
    cleaned = text.strip().casefold()
    if found := day_within(cleaned):
        return found
    if month := _MONTH.fullmatch(cleaned):
        return _last(int(month[1]), int(month[2]))
    if quarter := _QUARTER.fullmatch(cleaned):
        return _last(int(quarter[2] or quarter[3]), 3 * int(quarter[1] or quarter[4]))
    return None


def day_within(text: str) -> date | None:
    """The only day that stands in a text; None without one, or with several."""
    found = {_day(*(int(g) for g in m.groups())) for m in _ISO.finditer(text)}
    found |= {_day(int(m[3]), int(m[2]), int(m[1])) for m in _DOTTED.finditer(text)}
    days = found - {None}
    return days.pop() if len(days) == 1 else None


def is_day(text: str) -> bool:
    """Whether a text is a date and nothing else."""
    cleaned = text.strip()
    exact = any(rx.fullmatch(cleaned) for rx in (_ISO, _DOTTED, _MONTH))
    return exact or _QUARTER.fullmatch(cleaned.casefold()) is not None


def scalar(value: Any) -> str:
    """A value of a due date or a status as text; "" for what is neither."""
    return str(value)[:80] if isinstance(value, (str, date, bool, int)) else ""


def _last(year: int, month: int) -> date | None:
    if not 1 <= month <= 12 or not 1 <= year <= 9999:
        return None
    return date(year, month, monthrange(year, month)[1])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
