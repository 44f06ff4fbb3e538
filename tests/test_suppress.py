"""Suppressions: how they are written, what they cover, and which of them are idle."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mldebt.configs.read import parse_config
from mldebt.configs.types import ConfigComment, ConfigTree
from mldebt.core import Effort, Finding, Location, Rule
from mldebt.facts.types import Cell, Code, FileFacts, Remark
from mldebt.settings import DeclaredSuppression, Settings
from mldebt.suppress import Outcome, Written, apply, declared, suppressions_in, suppressions_in_text, suppressions_of

TODAY = date(2026, 6, 1)


def rule(code: str, name: str, family: str = "configuration") -> Rule:
    return Rule(code, name, family, 1, "minor", ("certain",), Effort(1), "", "")


FLAG, KEY, OTHER, OWN = (
    rule("MLD510", "unused-cli-flag"),
    rule("MLD509", "unused-config-key"),
    rule("MLD801", "no-seed", "reproducibility"),
    rule("MLD002", "unused-suppression", "analysis"),
)
KNOWN = (FLAG, KEY, OTHER, OWN)


def facts(*remarks: Remark, cells: tuple[Cell, ...] = ()) -> FileFacts:
    module = Code("<module>", "", "module", 0, (), (), 0, (), (), (), 0, 1, 1, 0)
    return FileFacts((), module, b"", b"", b"", remarks, cells, None, 0)


def remark(text: str, line: int, first: int = 0, last: int = 0) -> Remark:
    return Remark(text, line, 9, first or line, last or line)


def finding(line: int, of: Rule = FLAG, path: str = "a.py", symbol: str = "lr", cell: int | None = None) -> Finding:
    return Finding(of, Location(path, line, cell=cell), symbol, "m", "a", "minor", "certain", "f", 1)


def applied(written: Any, *findings: Finding, enabled: tuple[Rule, ...] = KNOWN) -> Outcome:
    return apply(findings, list(written), today=TODAY, known=KNOWN, enabled=enabled)


def idle(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.name, one.cause) for one in outcome.idle]


@pytest.mark.parametrize("name", ["unused-cli-flag", "MLD510", "configuration"])
def test_names_codes_and_families(name: str) -> None:
    outcome = applied(suppressions_of("a.py", facts(remark(f'# mldebt: ignore[{name}] reason="kept"', 3))), finding(3), finding(4))
    assert [f.at.line for f in outcome.kept] == [4]
    assert [(h.finding.at.line, h.by.reason, h.by.kind) for h in outcome.held] == [(3, "kept", "inSource")]
    assert outcome.idle == ()


def test_a_comment_covers_its_logical_line() -> None:
    written = suppressions_of("a.py", facts(remark('#mldebt: ignore[MLD510] reason="x"', 4, 2, 6)))
    assert [f.at.line for f in applied(written, *(finding(n) for n in range(1, 8))).kept] == [1, 7]


def test_other_files_and_other_checks_are_not_covered() -> None:
    written = suppressions_of("a.py", facts(remark('# mldebt: ignore[MLD510] reason="x"', 3)))
    outcome = applied(written, finding(3, KEY), finding(3, path="b.py"))
    assert len(outcome.kept) == 2
    assert idle(outcome) == [("MLD510", "unmatched")]


def test_each_name_is_judged_by_itself() -> None:
    written = suppressions_of("a.py", facts(remark('# mldebt: ignore[MLD510, unused-config-key] reason="x"', 3)))
    assert idle(applied(written, finding(3))) == [("unused-config-key", "unmatched")]


def test_checks_that_did_not_run_are_not_judged() -> None:
    written = list(suppressions_of("a.py", facts(remark('# mldebt: ignore[no-seed] reason="x"', 3))))
    assert idle(applied(written, enabled=(FLAG,))) == []
    assert idle(applied(written)) == [("no-seed", "unmatched")]


def test_unknown_names_have_a_near_miss() -> None:
    outcome = applied(suppressions_of("a.py", facts(remark('# mldebt: ignore[unused-cli-flags] reason="x"', 3))))
    assert [(one.cause, one.detail) for one in outcome.idle] == [("unknown", "did you mean 'unused-cli-flag'?")]


def test_until_is_compared_with_the_day_of_the_run() -> None:
    def held(until: str) -> tuple[int, list[tuple[str, str]]]:
        outcome = applied(suppressions_of("a.py", facts(remark(f'# mldebt: ignore[MLD510] reason="x" until={until}', 3))), finding(3))
        return len(outcome.held), idle(outcome)

    assert held("2026-06-01") == (1, [])
    assert held("2026-05-31") == (0, [("MLD510", "expired")])


@pytest.mark.parametrize(
    ("comment", "name", "detail"),
    [
        ("# mldebt: ignore", "ignore", "it names no check"),
        ("# mldebt: ignore[]", "ignore", "it names no check"),
        ("# mldebt: ignroe[MLD510]", "ignroe", "write ignore[NAME]"),
        ("# mldebt: disable=MLD510", "disable", "write ignore[NAME]"),
        ("# mldebt: ignore[MLD510] until=tomorrow", "MLD510", "until=tomorrow is no date"),
        ("# mldebt: ignore[MLD510] until=2026-02-30", "MLD510", "until=2026-02-30 is no date"),
        ('# mldebt: ignore[MLD510] reson="x"', "MLD510", "it has no 'reson'; did you mean 'reason'?"),
        ('# mldebt: ignore[MLD510] reason: "x"', "MLD510", "write reason="),
        ("# MLDEBT: IGNORE", "ignore", "it names no check"),
        ("#mldebt:ignore", "ignore", "it names no check"),
        ("# mldebt:Ignore MLD510", "ignore", "names stand in brackets; write ignore[MLD510]"),
        ("# mldebt: IGNROE[MLD510]", "ignroe", "write ignore[NAME]"),
        ("# mldebt ignore[MLD510]", "ignore", "a colon is missing; write mldebt: ignore[MLD510]"),
        ("# see mldebt Ignore-File[MLD510]", "ignore-file", "a colon is missing"),
    ],
)
def test_what_cannot_be_read_holds_nothing_back(comment: str, name: str, detail: str) -> None:
    outcome = applied(suppressions_of("a.py", facts(remark(comment, 3))), finding(3))
    assert len(outcome.kept) == 1
    assert [(one.name, one.cause) for one in outcome.idle] == [(name, "malformed")]
    assert outcome.idle[0].detail.startswith(detail)


@pytest.mark.parametrize(
    "comment",
    [
        '#mldebt:ignore[MLD510] reason="x"',
        '# mldebt: IGNORE[MLD510] reason="x"',
        '# MLDEBT: Ignore-File[MLD510] Reason="x"',
        '# MLdebt: ignore [MLD510], reason="x"',
    ],
)
def test_capitals_and_spaces_leave_no_doubt(comment: str) -> None:
    outcome = applied(suppressions_of("a.py", facts(remark(comment, 3))), finding(3))
    assert [one.by.reason for one in outcome.held] == ["x"]
    assert outcome.idle == ()


@pytest.mark.parametrize(
    ("name", "meant"), [("mld510", "MLD510"), ("Unused_CLI_Flag", "unused-cli-flag"), ("Configuration", "configuration")]
)
def test_a_name_in_other_letters_is_told(name: str, meant: str) -> None:
    outcome = applied(suppressions_of("a.py", facts(remark(f'# mldebt: ignore[{name}] reason="x"', 3))), finding(3))
    assert [(one.cause, one.detail) for one in outcome.idle] == [("unknown", f"did you mean '{meant}'?")]


def test_capitals_in_other_files() -> None:
    written = [
        *suppressions_in_text("run.sh", 'python train.py  # MLDEBT: ignore[MLD510] reason="x"\n'),
        *suppressions_in(parse_config("c.yaml", "yaml", b'lr: 1  # MLDEBT: IGNORE[MLD510] reason="x"\n')),
    ]
    assert [h.by.reason for h in applied(written, finding(1, path="run.sh"), finding(1, path="c.yaml")).held] == ["x", "x"]


@pytest.mark.parametrize(
    "comment", ["# run mldebt: it finds more", "# see mldebt.dev", "# expect: unused-cli-flag", "# notmldebt: ignore[MLD510]"]
)
def test_talk_is_no_suppression(comment: str) -> None:
    assert list(suppressions_of("a.py", facts(remark(comment, 3)))) == []


def test_a_marker_of_the_fixtures_may_follow() -> None:
    written = suppressions_of("a.py", facts(remark("# mldebt: ignore[MLD510] reason=\"a 'b'\"  # expect: x", 3)))
    assert applied(written, finding(3)).held[0].by.reason == "a 'b'"


def test_ignore_file_counts_in_the_head_of_a_file() -> None:
    outcome = applied(suppressions_of("a.py", facts(remark('# mldebt: ignore-file[MLD510] reason="x"', 20))), finding(1), finding(900))
    assert (outcome.kept, outcome.idle) == ((), ())
    late = applied(suppressions_of("a.py", facts(remark('# mldebt: ignore-file[MLD510] reason="x"', 21))), finding(21))
    assert (len(late.kept), idle(late)) == (1, [("MLD510", "malformed")])


def test_a_missing_reason_is_told() -> None:
    outcome = applied(suppressions_of("a.py", facts(remark("# mldebt: ignore[MLD510]", 3))), finding(3))
    assert (len(outcome.held), idle(outcome)) == (1, [("MLD510", "unexplained")])


CELLS = (Cell(1, 1, (9, 10), 1, ()), Cell(3, 3, (20, 21), 2, ("slow", "mldebt-ignore:unused-cli-flag")))


def test_comments_in_notebooks_count_lines_inside_the_cell() -> None:
    written = list(
        suppressions_of("n.ipynb", facts(remark('# mldebt: ignore[no-seed] reason="x"', 4), cells=(*CELLS[:1], Cell(3, 3, (), 2, ()))))
    )
    outcome = applied(written, finding(2, OTHER, "n.ipynb", cell=3), finding(2, OTHER, "n.ipynb", cell=1))
    assert [f.at.cell for f in outcome.kept] == [1]


def test_a_cell_tag_covers_its_cell() -> None:
    outcome = applied(
        suppressions_of("n.ipynb", facts(cells=CELLS)), finding(1, path="n.ipynb", cell=3), finding(1, path="n.ipynb", cell=1)
    )
    assert [f.at.cell for f in outcome.kept] == [1]
    assert [(h.by.at.cell, h.by.lines) for h in outcome.held] == [(3, None)]


def test_a_cell_tag_without_a_name_is_told() -> None:
    outcome = applied(suppressions_of("n.ipynb", facts(cells=(Cell(0, 1, (1,), 1, ("mldebt-ignore:",)),))))
    assert [(one.cause, one.at.cell, one.detail) for one in outcome.idle] == [
        ("malformed", 0, "it names no check; write mldebt-ignore:unused-feature")
    ]


def test_comments_of_configs() -> None:
    tree = ConfigTree("c.yaml", "yaml", (), (ConfigComment('# mldebt: ignore[MLD509] reason="x"', 1, 1, 3),))
    assert [f.at.line for f in applied(suppressions_in(tree), finding(3, KEY, "c.yaml"), finding(1, KEY, "c.yaml")).kept] == [1]


def test_comments_of_shell_and_sql() -> None:
    shell = '#!/bin/sh\n# mldebt: ignore[MLD510] reason="x"\n# and more\n\npython train.py --lr 1\npython eval.py  # mldebt: ignore[MLD509] reason="y"\n'
    written = list(suppressions_in_text("run.sh", shell))
    outcome = applied(written, finding(5, path="run.sh"), finding(6, KEY, "run.sh"), finding(6, path="run.sh"))
    assert [(f.rule.code, f.at.line) for f in outcome.kept] == [("MLD510", 6)]
    sql = list(suppressions_in_text("q.sql", 'select *  -- mldebt: ignore[MLD509] reason="x"\n'))
    assert len(applied(sql, finding(1, KEY, "q.sql")).held) == 1


def entry(**fields: Any) -> list[Written]:
    return list(
        declared(
            Settings(
                suppressions=(
                    DeclaredSuppression(**{"path": "conf/", "name": "MLD509", "file": "mldebt.toml", "line": 4, "reason": "r", **fields}),
                )
            )
        )
    )


def test_settings_name_paths_and_symbols() -> None:
    given = [finding(1, KEY, "conf/a.json"), finding(2, KEY, "conf/a.json", symbol="seed"), finding(1, KEY, "other.json")]
    assert [f.at.path for f in applied(entry(), *given).kept] == ["other.json"]
    outcome = applied(entry(symbol="seed"), *given)
    assert [(h.finding.symbol, h.by.kind, h.by.reason) for h in outcome.held] == [("seed", "external", "r")]


def test_a_path_with_brackets_is_also_meant_literally() -> None:
    assert len(applied(entry(path="a[1].json"), finding(1, KEY, "a[1].json")).held) == 1


def test_idle_settings_point_at_the_settings_file() -> None:
    assert [(one.at.path, one.at.line, one.cause) for one in applied(entry()).idle] == [("mldebt.toml", 4, "unmatched")]


def test_settings_shared_by_several_repositories_are_not_judged() -> None:
    assert applied(entry(file="../shared/mldebt.toml")).idle == ()


def test_who_ignores_this_very_check_means_it() -> None:
    written = suppressions_of("a.py", facts(remark('# mldebt: ignore[MLD510, unused-suppression] reason="x"', 3)))
    assert applied(written).idle == ()


def test_idle_ones_are_sorted_by_place() -> None:
    written = [
        *suppressions_of(
            "n.ipynb",
            facts(
                remark("# mldebt: ignore[x] reason=a", 3),
                remark("# mldebt: ignore[y] reason=a", 1),
                cells=(*CELLS[:1], Cell(3, 3, (), 2, ())),
            ),
        ),
        *suppressions_of("a.py", facts(remark("# mldebt: ignore[z] reason=a", 9))),
    ]
    assert [one.name for one in applied(written).idle] == ["z", "y", "x"]
