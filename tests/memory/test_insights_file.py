"""One account's share of the insights, from one version of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadDocument, BadPath
from agent.memory import strict_yaml
from agent.memory.insights_file import MAX_BYTES, PATH, InsightsFile
from agent.memory.paths import MemoryRoot, MissingFile

TEXT = """\
schema: customer_insights/1
generated_at: '2026-11-17T05:30:00Z'
accounts:
  fernhill:
    name: Fernhill Diagnostics
    contract: {arr: 41000, renewal_date: 2027-04-30}
    relationship:
      executive_sponsor: {title: VP, name: Gwilym Attwater}
      stakeholders:
      - {name: "Sally \\"Sal\\" Ingham", role: lab}
      - name: Shared Person
  hexley:
    contract:
      arr: 73915
    milestones:
    - name: Go-live of a very long milestone whose name is folded over
        two lines
      status: open
    - {due: 2027-01-01,
       name: Training week, status: open}
    people: [{name: 'O''Neil'}, {name: Shared Person}, {name: Bob}, {name: 12}, {name: null}]
    name: 'Hexley: Marine'  # ours
  NO: {segment: smb, name: Norse AS, note: "name: Quoted Fake"}
  nameless: {segment: smb, owner: {name: Deep Name}}
  empty:
"""


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / PATH
    path.parent.mkdir(parents=True)
    path.write_text(TEXT)
    return path


def test_names_in_the_order_of_the_file(root: MemoryRoot, file: Path) -> None:
    insights = InsightsFile.read(root)
    assert insights.generated_at == "2026-11-17T05:30:00Z"
    assert list(insights.names.items()) == [
        ("fernhill", "Fernhill Diagnostics"),
        ("hexley", "Hexley: Marine"),
        ("NO", "Norse AS"),
        ("nameless", "nameless"),
        ("empty", "empty"),
    ]


def test_a_share_is_this_accounts_only(root: MemoryRoot, file: Path) -> None:
    insights = InsightsFile.read(root)
    share = insights.share("fernhill")
    assert share["contract"] == {"arr": 41000, "renewal_date": "2027-04-30"}
    assert insights.share("empty") == {}
    text = insights.share_text("fernhill")
    assert strict_yaml.load(text.encode(), where="share") == {
        "schema": "customer_insights/1",
        "generated_at": "2026-11-17T05:30:00Z",
        "accounts": {"fernhill": share},
    }
    assert "73915" not in text
    assert "Hexley" not in text


def test_foreign_names(root: MemoryRoot, file: Path) -> None:
    insights = InsightsFile.read(root)
    assert insights.foreign_names("fernhill") - {"Quoted Fake"} == {
        "Go-live of a very long milestone whose name is folded over two lines",
        "Training week", "O'Neil", "Hexley: Marine", "Norse AS", "Deep Name",
    }  # fmt: skip
    assert insights.foreign_names("hexley") >= {
        "Fernhill Diagnostics", "Gwilym Attwater", 'Sally "Sal" Ingham',
    }  # fmt: skip
    assert "Shared Person" not in insights.foreign_names("hexley")


def test_flow_style_and_json_give_the_same(root: MemoryRoot, file: Path) -> None:
    import json

    block = InsightsFile.read(root)
    whole = strict_yaml.load(TEXT.encode(), where="x")
    for text in (json.dumps(whole), json.dumps(whole, indent="\t"),
                 f"accounts: {json.dumps(whole['accounts'])}\nschema: x\n"):  # fmt: skip
        file.write_text(text)
        insights = InsightsFile.read(root)
        assert insights.names == block.names
        assert insights.share("hexley") == block.share("hexley")
        assert insights.foreign_names("fernhill") == block.foreign_names("fernhill") - {
            "Quoted Fake"
        }


def test_ids_match_exactly(root: MemoryRoot, file: Path) -> None:
    file.write_text(TEXT + "  Fernhill: {name: Fernhill Diagnostics, contract: {arr: 1}}\n")
    insights = InsightsFile.read(root)
    assert insights.share("Fernhill")["contract"] == {"arr": 1}
    assert insights.share("fernhill")["contract"]["arr"] == 41000
    for missing in ("FERNHILL", "fern", "../hexley", ""):
        with pytest.raises(BadDocument, match="there is no account"):
            insights.share(missing)


def test_one_version_is_read_even_when_the_file_is_replaced(root: MemoryRoot, file: Path) -> None:
    insights = InsightsFile.read(root)
    file.write_text(TEXT.replace("41000", "18"))
    assert insights.share("fernhill")["contract"]["arr"] == 41000
    assert insights.sha256 != InsightsFile.read(root).sha256


def test_faults_elsewhere_do_not_reach_the_share(root: MemoryRoot, file: Path) -> None:
    file.write_text(
        TEXT + "  twice: {a: 1, a: 2}\nextra: &e {contract: {renewal_date: '2031-01-01'}}\n"
        "other: {<<: *e}\npadding: |\n" + ("  " + "x" * 998 + "\n") * 5000
    )
    insights = InsightsFile.read(root)
    assert insights.share("fernhill")["contract"]["renewal_date"] == "2027-04-30"
    with pytest.raises(BadDocument, match=r"yaml:26: the key 'a' was given before"):
        insights.share("twice")


def test_a_share_of_another_shape_is_refused(root: MemoryRoot, file: Path) -> None:
    file.write_text("accounts:\n  a: lots\n  b: [1]\n  c:\n  - 1\n")
    insights = InsightsFile.read(root)
    for account in "abc":
        with pytest.raises(BadDocument, match="has to be a mapping"):
            insights.share(account)


@pytest.mark.parametrize(
    "content",
    [
        "", "# nothing", "null", "---", "--- {}", "[]", '"text"', "42", "schema: x\n",
        "accounts:\n", "accounts: []", "accounts: 5", "accounts:\n- a\n", TEXT[:10], TEXT[:50],
        TEXT + "---\naccounts: {}\n", TEXT + "  fernhill: {}\n", "accounts: &x\n  fernhill: *x\n",
        "a: &a [x]\naccounts: {fernhill: *a}\n", TEXT + '  cut: "off',
        "accounts: !!python/object/apply:os.system ['x']\n",
        "accounts: {fernhill: " + "[" * 20_000 + "]" * 20_000 + "}",
        "accounts: {fernhill: " + "[" * 200_000, "accounts:\n  a: 1\n\tb: 2\n",
        "accounts: {a: '" + "x" * 5_000_000 + "'}",
    ],
    ids=lambda content: repr(content)[:24],
)  # fmt: skip
def test_what_is_no_mapping_of_accounts_is_refused(
    root: MemoryRoot, file: Path, content: str
) -> None:
    file.write_text(content)
    with pytest.raises(BadDocument, match=r"customer_insights\.yaml") as caught:
        InsightsFile.read(root)
    assert len(str(caught.value)) < 400


def test_missing_special_and_oversized_files(root: MemoryRoot, file: Path) -> None:
    with file.open("ab") as opened:
        opened.truncate(MAX_BYTES + 1)
    with pytest.raises(BadPath, match=r"at most 64,000,000 are read"):
        InsightsFile.read(root)
    file.unlink()
    with pytest.raises(MissingFile):
        InsightsFile.read(root)
    file.symlink_to("/etc/hostname")
    with pytest.raises(BadPath, match="symbolic link"):
        InsightsFile.read(root)


def test_a_text_of_fifty_megabytes_beside_the_accounts(root: MemoryRoot, file: Path) -> None:
    with file.open("a") as opened:
        opened.write('big: "' + "a" * 50_000_000 + '"\n')
    insights = InsightsFile.read(root)
    assert insights.names["hexley"] == "Hexley: Marine"
    assert insights.share("fernhill")["contract"]["arr"] == 41000


def test_ten_thousand_accounts(root: MemoryRoot, file: Path) -> None:
    with file.open("a") as opened:
        for n in range(10_000):
            opened.write(f"  bulk-{n}: {{name: Bulk {n}, usage: {{monthly: [{{logins: 1}}]}}}}\n")
    insights = InsightsFile.read(root)
    assert len(insights.names) == 10_005
    assert insights.names["bulk-9999"] == "Bulk 9999"
    assert insights.share("bulk-5000")["name"] == "Bulk 5000"
    assert {"Bulk 9999", "Norse AS"} <= insights.foreign_names("fernhill")


def test_line_ends_and_marks_change_nothing(root: MemoryRoot, file: Path) -> None:
    plain = InsightsFile.read(root)
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    other = InsightsFile.read(root)
    assert other.names == plain.names
    assert other.generated_at == plain.generated_at
    assert other.share_text("fernhill") == plain.share_text("fernhill")
    assert other.foreign_names("fernhill") == plain.foreign_names("fernhill")
