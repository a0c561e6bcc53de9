"""The engine's judgement as column expressions: a whole book of business in one go.

The same policy files, the same rules, one flat row per account. What a flat row cannot carry
(notes, mails, single tickets, milestones, job titles) is not judged here: see `signs.COVERED`.
"""
