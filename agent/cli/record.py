"""`csm record`: what a person knows about an account, put on its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.common import DEFAULT_MEMORY, JsonOption, MemoryOption, print_json
from agent.cli.timeline import Account
from agent.errors import printable

if TYPE_CHECKING:
    from datetime import date

    from agent.recording import Recorded

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Put on an account's timeline what a person knows: facts, answers, corrections.",
)

AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Business date; today if left out.")
]


@app.command()
def fact(
    account: Account,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Words with dots between, as contract.arr.")
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number, true, false or text.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who records it.")] = "",
    valid_from: Annotated[
        str, typer.Option("--valid-from", metavar="DATE", help="Since when; --as-of if left out.")
    ] = "",
    source: Annotated[
        str, typer.Option("--source", metavar="TEXT", help="Where it comes from, or a quote.")
    ] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record a fact about an account, with the day from which it holds.

    It takes the place of what held before that day. Another value for the same key and day is
    shown as a contradiction until one of the two is withdrawn.

    \b
    csm record fact tarnholt-rail relationship.executive_sponsor "Ines Falk" --by "V. Brandt"
    csm record fact tarnholt-rail contract.arr 150000 --valid-from 2027-01-01 \\
        --source "order form of 2026-12-02" --by "V. Brandt"
    csm record fact tarnholt-rail relationship.nps.score --by "V. Brandt" -- -12
    """
    from agent.recording import record_fact

    start = _day(valid_from, "--valid-from") if valid_from else None
    made = record_fact(
        memory, account, key, value, by=by, valid_from=start, source=source, as_of=_day(as_of)
    )
    _told(made, as_json)


@app.command()
def answer(
    account: Account,
    message_id: Annotated[
        str, typer.Argument(metavar="MESSAGE_ID", help="As `csm account` shows it.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="ROLE", help="Who answered.")] = "",
    answer: Annotated[str, typer.Option("--answer", metavar="TEXT", help="What they said.")] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="When; --as-of if left out.")
    ] = "",
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a hand-off or an escalation was answered.

    \b
    csm record answer tarnholt-rail 11e8201d --by technical-support-engineer \\
        --answer "fixed in 4.2" --on 2026-11-20
    """
    from agent.recording import record_answer

    made = record_answer(
        memory, account, message_id, by=by, answer=answer,
        on=_day(on, "--on") if on else None, as_of=_day(as_of),
    )  # fmt: skip
    _told(made, as_json)


@app.command()
def correction(
    account: Account,
    event_id: Annotated[
        str, typer.Argument(metavar="EVENT_ID", help="Its first characters as in `csm timeline`.")
    ],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What was wrong.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who corrects it.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="It did not happen.")] = False,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="The right value; repeatable."),
    ] = None,
    memory: MemoryOption = DEFAULT_MEMORY,
    as_of: AsOf = "",
    as_json: JsonOption = False,
) -> None:
    """Record that an event was wrong. It stays on the timeline; the correction is a new event.

    What was asked for as of an earlier --known-at still shows what was believed then. The key `at`
    is the event's business date. Withdrawing a correction takes it back.

    \b
    csm record correction tarnholt-rail 6f6178cd --withdraw --why "another account" --by "A. Lead"
    csm record correction tarnholt-rail 2b2a53a2 --set arr_after=150000 --set at=2026-11-20 \\
        --why "typing error" --by "A. Lead"
    """
    from agent.correcting import record_correction

    made = record_correction(
        memory, account, event_id, why=why, by=by, withdraw=withdraw, changes=change or (),
        as_of=_day(as_of),
    )  # fmt: skip
    _told(made, as_json)


def _day(text: str, option: str = "--as-of") -> date:
    from agent.clock import as_of_date, utc_now

    return as_of_date(text or None, utc_now(), option=option)


def _told(made: Recorded, as_json: bool) -> None:
    from agent.success.continuity.sentences import ID

    if as_json:
        print_json({**made.event, "says": made.says, "new": made.new})
        return
    done = "recorded" if made.new else "on record already"
    id = str(made.event["event_id"])[:ID]
    typer.echo(printable(f"{done}: {made.name}: {made.says}  [{id}, {made.event['at']}]", 800))
