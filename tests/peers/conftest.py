"""The faults of open customer-success scripts, each as an input of our own and answered rightly.

Peers: a health scorer, a churn scorer and an expansion scorer over JSON (A); a CSV scorer, a churn
predictor and a review writer (B); a retention report (C); a percentile scorer (D).

| fault (peer) | what we answer | test |
|---|---|---|
| 40.5, 65.5, 80.5 have no band (D); 79.5 is "low" (A) | half-open tiers | test_half_points_have_a_tier_and_are_not_unknown, test_every_score_falls_into_exactly_one_tier_of_every_model |
| accounts in such a gap drop out of ARR at risk (A) | every tier has a category, sums have no rest | test_every_tier_has_a_renewal_category_so_that_no_revenue_drops_out, test_what_is_due_is_split_over_the_categories_without_a_rest |
| 79.96 is rounded to green (A, B) | tier of the unrounded score | test_a_score_is_not_rounded_into_the_next_tier |
| weights 0,0,0; -40,30,30; nan,1,1; one missing (B, D) | refused with file and key | test_a_model_with_bad_weights_or_tiers_is_refused_with_file_and_key |
| only an id is red, low or moderate (A, B) | unknown, no score | test_only_an_id_is_unknown_and_neither_red_nor_low_risk |
| blank cells are worse than an id alone (B) | the same | test_a_row_of_blank_cells_says_the_same_as_only_an_id |
| a missing usage block drops the score (A) | leaves the mean, coverage falls | test_missing_usage_leaves_the_mean_and_never_counts_as_zero |
| a missing support block raises it (A) | leaves the mean, coverage falls | test_missing_support_data_does_not_praise |
| a null metric is 0 with full weight (D, B) | missing | test_a_measure_that_is_null_is_missing_and_not_zero_with_full_weight |
| a null block is a traceback (A) | read as absent | test_a_block_that_is_null_is_no_traceback |
| no data at all is low churn risk (A) | unknown | test_without_any_data_churn_risk_is_unknown_and_not_low |
| no NPS is 0, 5, or a promoter (A, B) | missing | test_a_missing_nps_is_neither_a_detractor_nor_a_promoter |
| an empty component fires "below p25" (D) | fires nothing | test_a_component_without_data_fires_no_signal_of_its_own |
| all stale: stale data are scored (D) | no score | test_if_everything_is_stale_the_stale_data_are_not_scored |
| nobody uses it, so support is perfect (A) | not applicable | test_no_tickets_because_nobody_uses_the_product_is_no_perfect_support |
| 90 open tickets are strong support (D) | a high sign | test_ninety_open_tickets_are_no_strong_support |
| ticket volume counts in two groups (A) | in one measure | test_the_same_tickets_are_not_counted_in_two_measures |
| the documents warn of bad data, the code is silent (A) | coverage and gaps are printed | test_bad_data_are_told_and_not_only_documented |
| NaN counts as 100, Infinity as 10/10 (A, B, D) | left out and named | test_nan_and_infinity_count_as_nothing_and_are_named |
| NaN prints invalid JSON (A) | JSON stays JSON | test_nan_and_infinity_in_json_are_refused_and_what_is_printed_is_json |
| a NaN decline is full risk (A) | no decline | test_a_nan_decline_is_no_full_risk |
| "85" as text is a traceback (A) | read | test_a_number_as_text_is_read, test_text_that_is_no_number_spoils_its_cell_and_not_the_file |
| "95%" is 0 (B) | refused in a count, read in a percentage | test_a_percent_sign_in_a_count_is_not_silently_zero, test_a_percent_sign_in_a_percentage_is_read |
| -10 tickets are perfect (A) | refused | test_a_negative_count_is_refused_and_never_better_than_zero |
| revenue -180,000 (A) | refused, in no sum | test_negative_revenue_is_refused_and_in_no_sum |
| "120,000" is a traceback in text mode (A) | read everywhere | test_thousands_separators_in_revenue_are_read_in_every_report |
| 0 seats: 5000 % use, or +50 risk (A, B) | not applicable | test_no_licensed_seats_are_no_use_of_5000_percent |
| 500 % use: a normal seat upsell (A) | contradiction, offer held back | test_more_active_than_licensed_is_named_and_no_normal_seat_offer |
| NPS +30 is 100, or a promoter (A, B) | on its scale, off it refused | test_a_company_nps_is_read_on_its_own_scale, test_an_nps_off_its_scale_is_refused |
| zero is taken as missing (B) | a value | test_a_zero_is_a_value_and_not_missing, test_an_amount_of_zero_is_an_amount |
| the clock is inside (A, B) | --as-of decides | test_the_output_does_not_change_with_the_clock |
| 31 days are 30 after midnight (A) | whole days | test_days_are_whole_days_whatever_the_time_of_day |
| risk is multiplied by the calendar (A) | nearness is a sign of its own | test_a_healthy_account_gets_no_riskier_by_the_calendar, test_a_near_end_is_a_sign_of_its_own_where_risk_is_open |
| a contract that ended in 2020 approaches (A) | overdue | test_a_contract_that_ended_is_overdue_and_not_approaching |
| past its end, and still "low" (B) | high | test_an_ended_contract_is_never_low_risk_however_green |
| 31/12/2026 is no date, 03/12/2026 is March (A, B) | named, never guessed | test_a_bad_date_is_named_and_not_read_as_another_day |
| future timestamps are fresh (D) | not counted | test_a_future_timestamp_is_not_fresh, test_a_goal_measured_in_the_future_has_not_been_measured, test_a_sponsor_met_in_the_future_has_not_been_met |
| an unfinished month is a decline | it is left out | test_a_month_that_is_not_over_is_no_decline |
| "Mid_Market", " Enterprise " are another segment (A) | the same | test_a_segment_in_another_spelling_is_the_same_segment |
| an unknown segment is mid-market (A) | named | test_an_unknown_segment_is_named_and_not_quietly_mid_market |
| two scripts fall back differently (A) | one rule, by ARR | test_an_unknown_segment_falls_back_to_that_of_the_revenue_in_every_report |
| a duplicate id counts twice (all) | used for neither, or once if equal | test_a_duplicate_id_is_not_counted_twice, test_the_same_row_twice_is_one_account |
| "false" is true (A) | false | test_false_as_text_is_false |
| "very positive", "monthly" have a default (A) | named, no default | test_a_word_outside_its_list_is_named_and_has_no_default |
| empty list, not JSON | clean refusal | test_an_empty_list_is_a_clean_refusal, test_a_file_that_is_not_json_is_a_clean_refusal |
| {"customers": []} is one blank account (B); a top-level list a traceback (A) | any wrapper is read | test_records_in_any_wrapper_are_accounts_and_not_one_blank_account |
| a string record is a traceback (A) | spoils itself only | test_a_record_that_is_a_string_spoils_itself_only |
| BOM, header case, semicolon (A, B) | read | test_bom_header_case_and_separator_change_nothing |
| one bad record, no output (all) | good rows kept | test_one_bad_record_never_hides_the_good_ones |
| deep nesting: RecursionError (all) | a remark | test_deep_nesting_is_a_remark_and_no_recursion_error |
| response_time is a score and days (B) | refused without a unit | test_one_column_with_two_meanings_is_refused_and_not_guessed |
| results depend on the order of a list (A) | they do not | test_the_order_of_records_changes_nothing, test_the_order_in_which_things_are_listed_changes_nothing |
| one playbook text for each tier (A) | by signal | test_playbooks_follow_the_signals_and_not_the_tier |
| yellow, critical and worth 3 x its ARR (A) | one judgement | test_health_risk_and_growth_do_not_contradict_each_other |
| "80 % of green renewed" as proof (B) | no evidence | test_a_score_that_is_always_green_proves_nothing |
| offers to accounts at risk (A) | gated, with the reason | test_an_account_at_risk_gets_no_offer_and_the_reason_is_said |
| 155 % of ARR as potential, added up (A) | points, no money, no sum | test_options_are_not_added_up_to_more_than_the_revenue, test_points_are_capped_and_are_no_money |
| a 35 % used account gets an upgrade (A) | none | test_a_half_used_account_gets_no_upgrade_offer |
| the report leaves out the module (A) | named in their words | test_what_they_asked_for_is_named_in_their_words |
| "At Risk" and internal notes in the customer's review (B) | two versions | test_the_customers_copy_holds_no_health_label_risk_or_internal_note |
| "[target]%" is left over (B) | no placeholder | test_no_placeholder_is_left_over |
| one missing figure is "N/A" (B) | "not measured" | test_what_is_not_known_is_not_measured_and_never_na |
| zero values are dropped (B) | shown | test_zero_values_are_shown_and_not_dropped |
| pipes, headings, scripts pass through (B) | escaped | test_text_of_others_cannot_break_the_document |
| quarter "Q9-banana" (B) | refused | test_a_quarter_that_there_is_not_is_refused |
| the default quarter is today's (B) | that of --as-of | test_the_quarter_left_out_is_that_of_the_business_date |
| no comparison with the last quarter (B) | compared | test_the_quarters_figures_are_compared_with_those_before_it |
| undated expansion counts in every quarter (C) | dated, once; undated refused | test_an_expansion_counts_in_its_own_quarter_and_not_again, test_a_movement_without_a_date_is_refused |
| closing ARR is not the next opening (C) | it is | test_the_closing_revenue_of_a_quarter_opens_the_next |
| ARR 0 with a contraction: ZeroDivisionError (C) | no rate | test_no_revenue_with_a_contraction_divides_by_nothing |
| exit 1 is "red" and "failed" (B) | 6 and 1 | test_a_red_account_alone_is_no_failure, test_a_red_account_where_it_was_asked_for_has_a_code_of_its_own, test_bad_input_and_a_failure_have_other_codes |
"""

# ruff: noqa: E501 - a table reads by its rows

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import conftest as cli
from tests.cli.conftest import Csm, Outcome

csm = cli.csm
_no_settings_of_the_machine = cli._no_settings_of_the_machine

AS_OF = "2026-11-17"

# One healthy invented account, as a row of a table.
HEALTHY: dict[str, Any] = {
    "id": "wren", "name": "Wren Ceramics", "segment": "mid_market", "arr": 84000,
    "currency": "EUR", "contract_start": "2025-05-01", "renewal_date": "2027-04-30",
    "customer_since": "2024-05-01", "auto_renew": "false", "seats": 100,
    "usage_date": "2026-10-31", "active_users": 88, "licensed_users": 100, "logins": 1700,
    "features_used": 17, "features_available": 20, "api_calls": 1000,
    "outreach_sent": 10, "outreach_replied": 9, "qbr_scheduled": 4, "qbr_attended": 4,
    "training_places_offered": 20, "training_attended": 18, "open_tickets": 1,
    "tickets_last_90d": 6, "tickets_positive": 4, "tickets_neutral": 2, "tickets_negative": 0,
    "roi_annual_value": 260000, "roi_annual_cost": 84000, "roi_source": "their finance team",
    "integrations_planned": 4, "integrations_live": 4, "workflows_planned": 8,
    "workflows_optimised": 7, "executive_sponsor": "Odile Farrow", "sponsor_title": "COO",
    "sponsor_status": "active", "sponsor_last_contact": "2026-11-03", "nps_company": 55,
    "nps_respondents": 24, "nps_collected_on": "2026-10-05", "advocacy": "reference call 2026-06",
    "renewal_confidence": 85,
}  # fmt: skip


def row(**changes: Any) -> dict[str, Any]:
    """The healthy account with other cells; `None` leaves a cell blank."""
    return HEALTHY | changes


def without(*columns: str, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in row(**changes).items() if key not in columns}


def table(*rows: dict[str, Any], delimiter: str = ",") -> str:
    """Rows as CSV; a column that a row lacks is a blank cell."""
    heads = list(dict.fromkeys(key for each in rows for key in each))
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Book:
    """A memory of its own, filled by `csm import` and asked by the commands."""

    def __init__(self, csm: Csm, folder: Path) -> None:
        self.csm, self.folder, self.memory = csm, folder, folder / "memory"
        self.memory.mkdir()
        self.said = Outcome(0, "", "")

    def take(
        self, *rows: dict[str, Any], text: str | bytes = "", name: str = "customers.csv"
    ) -> Book:
        """Import rows, or a file of this content."""
        content = text or (json.dumps(list(rows)) if name.endswith(".json") else table(*rows))
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.said = self("import", str(path), "--as-of", AS_OF, code=None)
        return self

    def __call__(self, *words: str, code: int | None = 0, as_of: str = AS_OF) -> Outcome:
        dated = words if "--as-of" in words else (*words, "--as-of", as_of)
        said = self.csm(*dated, "--memory", str(self.memory))
        assert code is None or said.exit_code == code, said.stderr
        return said

    def json(self, *words: str, as_of: str = AS_OF) -> Any:
        return self(*words, "--json", as_of=as_of).json

    def health(self, account: str = "wren", **options: str) -> dict[str, Any]:
        (found,) = self.json("health", account, **options)
        return dict(found)

    def measure(self, name: str, account: str = "wren") -> dict[str, Any]:
        parts = self.health(account)["components"]
        return next(dict(m) for c in parts for m in c["measures"] if m["measure"] == name)

    def risk(self, account: str = "wren", **options: str) -> dict[str, Any]:
        (found,) = self.json("risk", account, **options)
        return dict(found)

    def signals(self, account: str = "wren", **options: str) -> dict[str, str]:
        return {x["signal"]: x["severity"] for x in self.risk(account, **options)["lines"]}

    def expansion(self, account: str = "wren") -> dict[str, Any]:
        (found,) = self.json("expansion", account)
        return dict(found)

    def renewals(self, period: str = "2027Q2", **options: str) -> dict[str, Any]:
        found: dict[str, Any] = self.json("renewals", "--period", period, **options)["forecast"]
        return found


@pytest.fixture
def book(csm: Csm, tmp_path: Path) -> Book:
    return Book(csm, tmp_path)


@pytest.fixture
def books(csm: Csm, tmp_path: Path) -> Callable[..., Book]:
    """Books filled one beside the other, to compare."""
    made: list[Book] = []

    def make(*rows: dict[str, Any], **options: Any) -> Book:
        folder = tmp_path / f"book{len(made)}"
        folder.mkdir()
        made.append(Book(csm, folder).take(*rows, **options))
        return made[-1]

    return make
