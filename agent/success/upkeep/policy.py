"""`upkeep.yaml`: when something in a memory is too old, too long, or the same as another."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agent.success.policy import Days, Settings

Count = Annotated[int, Field(ge=1, le=10_000_000)]
Words = list[Annotated[str, Field(min_length=1, max_length=60)]]


class AnswerWithin(Settings):
    """Days in which a message of each type wants an answer."""

    escalation: Days
    consultation: Days
    delegation: Days
    handoff: Days


class Upkeep(Settings):
    """
    Attributes:
        answer_within_days: by type of message; one that is older is unanswered.
        decided_ahead_days: a renewal is decided at most so many days before the term ends.
        long_overdue_days: a promise or hand-off this many days late is an error, not a warning.
        note_chars: longest note or mail, in characters.
        notes: most notes and mails of one account that a run reads whole.
        share_bytes: largest record of one account, in bytes of its JSON text.
        same_text_chars: texts from this length on are the same text whatever their date.
        same_message_within_days, same_instruction_within_days: further apart, the same words are
            the next quarter's and no repetition.
        compared_facts: beginnings of the fields in which timeline and insights have to agree.
        shared_domain_accounts: a mail domain in more accounts than this is nobody's own.
        public_mail_domains, legal_forms, titles: words that tell nobody apart.
    """

    version: str
    answer_within_days: AnswerWithin
    decided_ahead_days: Days
    long_overdue_days: Days
    note_chars: Count
    notes: Count
    share_bytes: Count
    same_text_chars: Count
    same_message_within_days: Days
    same_instruction_within_days: Days
    compared_facts: Words
    shared_domain_accounts: Count
    public_mail_domains: Words
    legal_forms: Words
    titles: Words
