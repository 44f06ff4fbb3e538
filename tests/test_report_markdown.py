"""The summary as a Markdown parser reads it: whole tables, folded evidence, and nothing of a repository as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_sample import HOSTILE_NAMES, empty_contents, hostile_contents, large_contents, sample_contents

from mldebt.core import Location, Step
from mldebt.report import markdown
from mldebt.report.contents import Contents, Suppressed
from mldebt.report.inert import code, inert
from mldebt.report.wording import visible

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
INLINE = {"text", "code_inline", "softbreak"}
OWN_HTML = re.compile(r"<details>\n<summary>\d+\. [a-z-]+ \(MLD\d+\), evidence and advice</summary>\n|</details>\n")
LINKED = re.compile(  # what GitHub, GitLab and Azure look for in the text of a finished page
    r"@|://|www\.|mailto|[#!$%&^~]\w|:\w+:|\b[0-9a-f]{7,}\b|\bGH-\d|[<>\[\]`|*_\\]"
)


def inline_tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield from token.children or ()


def rows(text: str) -> list[list[str]]:
    """The cells of all body rows, as text."""
    found: list[list[str]] = []
    tokens = PARSER.parse(text)
    for number, token in enumerate(tokens):
        if token.type == "tr_open":
            found.append([])
        if token.type == "td_open":
            found[-1].append("".join(child.content for child in tokens[number + 1].children or ()))
    return [row for row in found if row]


def findings_of(text: str) -> list[list[str]]:
    return [row for row in rows(text) if row[0].isdigit()]


def test_verdict_counts_and_rows() -> None:
    text = markdown.render(sample_contents())
    assert text.startswith("## mldebt in `services/churn`: 9 findings, 5 h 40 min to repay\n")
    counts = [row for row in rows(text) if not row[0].isdigit()]
    assert counts == [
        ["blocker", "1", "1", "", ""],
        ["critical", "2", "1", "1", ""],
        ["major", "2", "1", "1", ""],
        ["minor", "3", "2", "", "1"],
        ["info", "1", "1", "", ""],
    ]
    table = findings_of(text)
    assert [row[1] for row in table] == ["blocker", *["critical"] * 2, *["major"] * 2, *["minor"] * 3, "info"]
    assert table[3] == [
        "4",
        "major",
        "services/churn/src/features.py:17:65",
        "unused-feature",
        "Feature mood is computed in build(), but no model, decision or file uses it.",
    ]
    assert table[6][:3] == ["7", "minor", "services/churn/notebooks/explore é.ipynb:cell 3:2:6"]


def test_evidence_is_folded_and_the_end_says_what_was_seen() -> None:
    text = markdown.render(sample_contents())
    assert text.count("<details>") == text.count("</details>") == 9
    assert (
        "<summary>4. unused-feature (MLD203), evidence and advice</summary>\n\n"
        "`services/churn/src/features.py:17:65`: Feature `mood` is computed in `build()`, but no model, decision or file uses it.\n\n"
        "1. `services/churn/src/train.py:9:19`: the table comes from here\n"
        "2. `services/churn/src/features.py:17:5`: `mood` is computed\n"
        "3. `services/churn/src/train.py:10:18`: the model takes other columns\n\n"
        "Advice: Delete it and the map of emoji that only serves it.\n\n"
        "major, certain, 20 min\n\n"
        "</details>\n"
    ) in text
    assert "Held back: 1 in the baseline, 1 suppressed.\n" in text
    assert "Analysed 41 of 42 files; followed 83 % of 1,480 calls, 90 % of 40 paths, 100 % of 12 config loads.\n" in text
    assert 'To keep a finding: `# mldebt: ignore[unsafe-model-deserialization] reason="…"` on its line.\n' in text


def test_what_a_revision_knows_is_told_apart() -> None:
    contents = sample_contents()
    known = tuple(Suppressed(one, "external", "in @main") for one in contents.findings[:3])
    text = markdown.render(replace(contents, suppressed=(*contents.suppressed, *known)))
    assert "Held back: 3 in `@main`, 1 in the baseline, 1 suppressed.\n" in text


def test_a_clean_report() -> None:
    assert markdown.render(empty_contents()) == "## mldebt: no findings\n\nAnalysed 3 files.\n"


@pytest.mark.parametrize("contents", [hostile_contents(), sample_contents()], ids=["hostile", "sample"])
def test_nothing_of_a_repository_is_markup_a_link_or_a_mention(contents: Contents) -> None:
    text = markdown.render(contents)
    for token in PARSER.parse(text):
        assert token.type != "html_block" or OWN_HTML.fullmatch(token.content)
        assert token.type not in {"fence", "code_block", "hr", "blockquote_open", "bullet_list_open"}
        for child in token.children or ():
            assert child.type in INLINE
            if child.type == "text":
                assert not LINKED.search(child.content.replace("|", "")), child.content
    assert len(findings_of(text)) == len(contents.findings)
    assert {len(row) for row in rows(text)} == {5}


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_text_is_shown_as_it_is(name: str) -> None:
    shown = "".join(token.content for token in inline_tokens(f"x {code(name)} x")).removeprefix("x ").removesuffix(" x")
    assert shown == visible(name)
    words = "".join(token.content for token in inline_tokens(f"x {inert(name)}")).removeprefix("x ")
    assert words.replace("'", "") == " ".join(visible(name).split()).replace("'", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no model, decision or file uses it.", "no model, decision or file uses it."),
        ("12 of 1,480 calls (50 % of all)", "12 of 1,480 calls (50 % of all)"),
        ("recommend() writes 'a/b.csv',", "`recommend()` writes `a/b.csv`,"),
        ("see users['age'] or f('x').", "see `users['age']` or `f('x')`."),
        ("a well-known don't, e.g. this", "a well-known don't, e.g. this"),
        ("from deadbeef to 12345678", "from `deadbeef` to `12345678`"),
        ("team @acme/ml", "team `@acme/ml`"),
    ],
)
def test_words_stay_words(text: str, expected: str) -> None:
    assert inert(text) == expected


def test_what_does_not_fit_is_cut_from_the_end_and_said() -> None:
    contents = large_contents(2_000)
    text = markdown.render(contents)
    assert len(text.encode("utf-8")) <= markdown.LIMIT
    table = findings_of(text)
    details = text.count("<details>")
    assert 100 < len(table) < 2_000
    assert 20 < details < len(table)
    assert f"The table holds the worst {len(table):,} of 2,000 findings; other formats have them all.\n" in text
    assert f"The evidence of the first {details:,} follows.\n" in text
    assert text.startswith("## mldebt in `services/churn`: 2,000 findings")
    assert text.endswith("on its line.\n")
    assert [row[1] for row in table] == sorted((row[1] for row in table), key=["blocker", "critical"].index)


def test_one_huge_finding_takes_no_room_from_others() -> None:
    contents = sample_contents()
    worst = max(contents.findings, key=lambda one: one.severity == "blocker")
    huge = "| `x` @y\n" * 50_000
    steps = tuple(Step(Location(huge, 1), huge) for _ in range(500))
    big = replace(worst, at=Location(huge, 1), message=huge, advice=huge, evidence=steps)
    text = markdown.render(replace(contents, findings=(*(one for one in contents.findings if one is not worst), big)))
    assert len(text.encode("utf-8")) <= markdown.LIMIT
    assert len(findings_of(text)) == len(contents.findings)
    assert "And 480 steps more.\n" in text


def test_a_report_for_a_comment_has_room_for_both_uses() -> None:
    assert markdown.LIMIT <= 65_536
