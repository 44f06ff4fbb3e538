"""The text report: clickable lines, nothing that could steer a terminal, and the whole story on demand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_sample import empty_contents, sample_contents

from mldebt.core import Coverage, Location, Measure, MldebtError
from mldebt.report import text
from mldebt.report.formats import FORMATS, format_of
from mldebt.report.wording import duration, percentage, visible


def test_one_line_for_each_finding() -> None:
    contents = sample_contents()
    lines = text.render(contents).splitlines()
    assert len(lines) == len(contents.findings)
    assert (
        "src/serve.py:6:17: MLD923 The model 'models/churn.pkl' is read with pickle, which runs code of the file. [unsafe-model-deserialization]"
        in lines
    )
    assert (
        "notebooks/explore é.ipynb:cell 3:2:6: MLD426 The sample of 1000 rows in a cell is still taken. [debug-sampling-left-on]" in lines
    )


@pytest.mark.parametrize("full", [False, True])
def test_text_of_the_repository_cannot_steer_the_terminal(full: bool) -> None:
    report = text.render(sample_contents(), full=full)
    assert not {character for character in report if not character.isprintable()} - {"\n"}
    assert "\\x1b[2J\\u202e" in report
    report.encode("utf-8")


def test_colour_changes_nothing_but_colour() -> None:
    contents = sample_contents()
    coloured = text.render(contents, full=True, colour=True)
    plain = coloured
    for style in ("1", "2", "31", "1;31", "32", "33", "36", "0"):
        plain = plain.replace(f"\x1b[{style}m", "")
    assert plain == text.render(contents, full=True)
    assert coloured != plain


def test_full_shows_source_evidence_advice_and_price() -> None:
    contents = sample_contents()
    leak = replace(contents, findings=tuple(one for one in contents.findings if one.rule.code == "MLD221"), measures=())
    assert text.render(leak, full=True) == (
        "src/train.py:11:9: MLD221 'StandardScaler' is fitted on all rows, which train_test_split() divides afterwards. [preprocessing-leakage]\n"
        "     11 | X = StandardScaler().fit_transform(X)\n"
        "        |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  1. src/train.py:11:9: fitted on all rows\n"
        "        11 | X = StandardScaler().fit_transform(X)\n"
        "           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  2. src/train.py:12:40: the rows are divided\n"
        "        12 | X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
        "           |                                    ^^^^^^^^^^^^^^^^^^^^^^\n"
        "  3. src/train.py:18:11: the score has seen the test rows' statistics\n"
        "        18 | print(model.score(X_test, y_test))\n"
        "           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  Advice: Put the scaler into a Pipeline and fit it after the split.\n"
        "  critical, certain, 20 min\n"
        "\n"
    )


def test_full_ends_with_the_measures_and_the_first_places() -> None:
    places = tuple(Location("a.py", line) for line in range(1, 13))
    measures = (Measure("options", 3, "options"), Measure("glue ratio", 12, "lines", 2_345_678, places), Measure("share", 0.125, ""))
    shown = text.render(replace(empty_contents(), measures=measures), full=True).splitlines()
    assert shown[:4] == ["Measures:", "  options: 3", "  glue ratio: 12 of 2,345,678 lines", "    a.py:1:1"]
    assert shown[12:] == ["    a.py:10:1", "    and 2 more", "  share: 0.125"]
    assert text.render(replace(empty_contents(), measures=measures)) == ""


def test_the_caret_stands_below_its_region_behind_wide_characters() -> None:
    lines = text.render(sample_contents(), full=True).splitlines()
    source = next(line for line in lines if "😀" in line)
    caret = lines[lines.index(source) + 1]
    assert caret.index("^") == source.index('users["mood_default"]') + 2  # each emoji takes two columns of the terminal
    assert caret.count("^") == len('users["mood_default"]')


@pytest.mark.parametrize(
    ("base", "inside", "expected"),
    [
        ("", "", "src/serve.py:6:17"),
        ("..", "", "../src/serve.py:6:17"),
        ("projects/churn", "", "projects/churn/src/serve.py:6:17"),
        ("", "src", "serve.py:6:17"),
        ("", "conf/deep", "../../src/serve.py:6:17"),
    ],
)
def test_paths_are_seen_from_the_working_directory(base: str, inside: str, expected: str) -> None:
    assert f"\n{expected}: MLD923" in "\n" + text.render(sample_contents(), base=base, inside=inside)


def test_the_summary_counts_and_admits() -> None:
    assert text.summary(sample_contents()) == (
        "9 findings: 1 blocker, 2 critical, 2 major, 3 minor, 1 info (1 tentative)\n"
        "Held back: 2 findings\n"
        "Debt: 5 h 40 min to repay\n"
        "Followed: 83 % of 1,480 calls, 90 % of 40 paths, 100 % of 12 config loads\n"
        "Analysed: 41 of 42 files\n"
    )
    assert text.summary(empty_contents()) == "No findings.\nAnalysed: 3 files\n"
    assert text.render(empty_contents()) == ""
    assert "Analysed: 1 file\n" in text.summary(replace(empty_contents(), coverage=Coverage(files=1)))


def test_places_that_are_not_in_the_source_show_no_source() -> None:
    contents = sample_contents()
    finding = replace(contents.findings[-1], at=replace(contents.findings[-1].at, line=99_999), evidence=())
    assert " | " not in text.render(replace(contents, findings=(finding,)), full=True)


def test_overlong_lines_are_cut_around_the_column() -> None:
    contents = sample_contents()
    finding = next(one for one in contents.findings if one.rule.code == "MLD923")
    long = "x = [" + "1, " * 5_000 + "]"
    place = replace(finding.at, line=1, column=9_000, end_line=1, end_column=9_002)
    excerpts = replace(contents.excerpts, lines={(place.path, None): (long,)})
    report = text.render(replace(contents, findings=(replace(finding, at=place),), excerpts=excerpts), full=True)
    assert max(map(len, report.splitlines())) < 200
    source, caret = report.splitlines()[1:3]
    assert source[caret.index("^") :][:2] == long[8_999:9_001]


def test_visible_keeps_what_is_harmless() -> None:
    assert visible("plain é 年 😀 👩‍💻") == "plain é 年 😀 👩‍💻"
    assert visible("a\nb\t\x7f\x9b\u2028\udcff") == "a\\nb\\t\\x7f\\x9b\\u2028\\udcff"
    assert visible("a\n\x1b", keep="\n") == "a\n\\x1b"


def test_durations_and_percentages() -> None:
    assert [duration(minutes) for minutes in (0, 59, 60, 61, 90_000)] == ["0 min", "59 min", "1 h", "1 h 1 min", "1,500 h"]
    assert percentage(999, 1000) == "99 %"


def test_formats_by_suffix() -> None:
    names = ["a.json", "b.SARIF", "c.sarif.json", "d.html", "e.htm", "f.txt", "g.md", "h.xml"]
    assert [format_of(name) for name in names] == ["json", "sarif", "sarif", "html", "html", "text", "markdown", "junit"]
    with pytest.raises(MldebtError, match=r"report\.pdf.*sarif"):
        format_of("report.pdf")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_a_line_end_and_is_encodable(name: str) -> None:
    report = FORMATS[name](sample_contents())
    assert report.encode("utf-8").endswith(b"\n")
    assert report == FORMATS[name](sample_contents())
    FORMATS[name](empty_contents())
