"""Notebooks as one module: cells, magics, places, and what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mldebt.facts.magics import without_magics
from mldebt.facts.read import file_facts
from mldebt.facts.types import Block, FileFacts, Op, Unreadable

PYTHON = {"kernelspec": {"name": "python3", "language": "python"}, "language_info": {"name": "python"}}


def notebook(*sources: str | list[str], metadata: dict[str, Any] | None = None, **changes: Any) -> bytes:
    cells = [
        {"cell_type": "code", "execution_count": index + 1, "metadata": {}, "outputs": [{"text": "x = 1"}], "source": source}
        for index, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": PYTHON if metadata is None else metadata, "nbformat": 4} | changes, indent=1).encode()


def read(data: bytes) -> FileFacts:
    facts = file_facts(data, "notebook")
    assert isinstance(facts, FileFacts), facts
    return facts


def test_cells_are_one_module() -> None:
    facts = read(notebook("import a\nx = 1", ["y = x\n", "y.z"]))
    assert facts.code.names == ("a", "x", "y")
    assert [cell.first_line for cell in facts.cells] == [1, 3]
    load = facts.code.body[-1]
    assert load[:2] == (Op.ATTRIBUTE, 7)
    assert facts.place(load[1]) == (2, 3, 2, 4, 1)


def test_cells_know_their_lines_in_the_file() -> None:
    data = notebook(["a = 1\n", "b = 2\n", "c = 3"], "d = 4\ne = 5")
    lines = data.decode().split("\n")
    facts = read(data)
    assert [lines[line - 1].strip(' ",') for line in facts.cells[0].json_lines] == ["a = 1\\n", "b = 2\\n", "c = 3"]
    assert len(facts.cells[1].json_lines) == 2
    assert all("d = 4" in lines[line - 1] for line in facts.cells[1].json_lines)
    assert [cell.execution_count for cell in facts.cells] == [1, 2]


def test_a_minified_notebook_is_all_line_one() -> None:
    data = json.dumps(json.loads(notebook(["a = 1\n", "b"])), separators=(",", ":")).encode()
    assert read(data).cells[0].json_lines == (1, 1)


def test_indexes_count_all_cells_and_only_code_is_read() -> None:
    cells = [{"cell_type": "markdown", "source": "# x"}, {"cell_type": "code", "source": "a = 1", "metadata": {"tags": ["parameters", 3]}}]
    facts = read(json.dumps({"cells": cells, "metadata": {}}).encode())
    assert [(cell.index, cell.tags) for cell in facts.cells] == [(1, ("parameters",))]
    assert facts.place(0) == (1, 1, 1, 2, 1)


def test_old_notebooks_have_worksheets() -> None:
    cells = [{"cell_type": "code", "language": "python", "input": ["a = 1\n", "a.b"], "prompt_number": 7, "outputs": []}]
    facts = read(json.dumps({"worksheets": [{"cells": cells}], "metadata": {"name": ""}, "nbformat": 3}, indent=1).encode())
    assert facts.code.names == ("a",)
    assert facts.cells[0].execution_count == 7
    assert facts.cells[0].json_lines[1] == facts.cells[0].json_lines[0] + 1 > 2


@pytest.mark.parametrize(
    "metadata", [{"kernelspec": {"name": "ir"}}, {"language_info": {"name": "julia"}}, {"kernelspec": {"language": "scala"}}]
)
def test_other_languages_are_empty(metadata: dict[str, Any]) -> None:
    facts = read(notebook("x <- 1 %>% f()", metadata=metadata))
    assert (facts.code.body, facts.cells) == ((), ())


@pytest.mark.parametrize(
    "metadata", [{}, {"kernelspec": {"name": "conda-env-x-py"}}, {"language_info": {"name": "ipython"}}, {"kernelspec": None}]
)
def test_python_goes_by_many_names(metadata: dict[str, Any]) -> None:
    assert read(notebook("x = 1", metadata=metadata)).code.names == ("x",)


@pytest.mark.parametrize(
    ("source", "shells"),
    [
        ("%matplotlib inline\nx = 1", ["%matplotlib inline"]),
        ("!pip install a \\\n   b\nx = 1", ["!pip install a \\\nb"]),
        ("if a:\n    !ls\nx = 1", ["!ls"]),
        ("files = !ls *.csv\nx = 1", ["!ls *.csv"]),
        ("t = %time f()\nx = 1", ["%time f()"]),
        ("x.y?\nx = 1", ["x.y?"]),
        ("?x.y\nx = 1", ["?x.y"]),
        ("%%time\nx = 1", ["%%time"]),
        ("%%bash\nset -e\ncat <<X\n", ["%%bash\nset -e\ncat <<X"]),
        ("\n%%writefile a.py\nx = (", ["%%writefile a.py\nx = ("]),
        ("x = '''\n%no\n!no\n'''\n%yes", ["%yes"]),
        ("x = (a\n  % b)\n!y", ["!y"]),
        ("x = a \\\n  % b\n!y", ["!y"]),
        ("x = 'a' # '''\n!y", ["!y"]),
        ("x = a != b\ny = 'a=!b'", []),
    ],
)
def test_magics_and_shell_lines(source: str, shells: list[str]) -> None:
    facts = read(notebook(source))
    assert [instruction[2] for instruction in flat(facts.code.body) if instruction[0] == Op.SHELL] == shells


def flat(block: Block) -> Block:
    found: Block = ()
    for instruction in block:
        found += (instruction, *(flat(instruction[3]) if instruction[0] == Op.IF else ()))
    return found


def test_placeholders_keep_every_place() -> None:
    source = "if a:\n    !ls -l  \n    b = !cat 'x'\n%time c = 1\nd = 2"
    text, shells = without_magics(source)
    assert [len(line) for line in text.split("\n")] == [len(line) for line in source.split("\n")]
    assert shells == ("!ls -l", "!cat 'x'", "%time c = 1")
    facts = read(notebook(source))
    assert facts.place(facts.code.body[-1][1]) == (5, 1, 5, 2, 0)


def test_a_shell_assignment_stores_something_unknown() -> None:
    code = read(notebook("x = !ls")).code
    assert code.free == ((1, "!", 0, -1),)
    assert code.body == ((Op.SHELL, 1, "!ls"), (Op.MOVE, 0, 0, 1))


def test_top_level_await() -> None:
    assert read(notebook("x = await f()")).code.names == ("x",)


def test_a_broken_cell_does_not_lose_the_others() -> None:
    facts = read(notebook("x = 1", "!ls\nthis is no Python", "!pwd\nz = 3"))
    assert facts.code.names == ("x", "z")
    assert [instruction[2] for instruction in facts.code.body if instruction[0] == Op.SHELL] == ["!pwd"]
    assert facts.place(facts.code.body[-1][1]) == (2, 1, 2, 2, 2)


def test_a_notebook_of_one_broken_cell_is_unreadable() -> None:
    data = notebook(["x = 1\n", "y ="])
    facts = file_facts(data, "notebook")
    assert isinstance(facts, Unreadable)
    assert facts.reason == "cell 1: the file is not valid Python: invalid syntax"
    assert "y =" in data.decode().split("\n")[facts.line - 1]


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"", "the notebook is empty", 1),
        (b" \n ", "the notebook is empty", 1),
        (b'{\n"cells": [\n<<<<<<< HEAD\n', "the notebook is not valid JSON", 3),
        (b'{"a": 1}', "the file is JSON but not a notebook: it has no cells", 1),
        (b"[" * 100_000, "the JSON is nested more than 200 deep", 1),
        (b'{"cells": 3}', "the file is JSON but not a notebook: Expected `array | null`, got `int` - at `$.cells`", 1),
        (b'{"cells": "' + b'\\"' * 300_000, "the notebook is not valid JSON", 1),
    ],
)
def test_no_notebook(data: bytes, reason: str, line: int) -> None:
    facts = file_facts(data, "notebook")
    assert isinstance(facts, Unreadable)
    assert (facts.reason, facts.line) == (reason, line)


def test_a_notebook_may_be_too_large() -> None:
    facts = file_facts(b" " * 20_000_001, "notebook")
    assert isinstance(facts, Unreadable) and facts.limit


def test_outputs_do_not_count() -> None:
    data = notebook("x = 1", metadata=PYTHON)
    large = data.replace(b'"x = 1"', json.dumps("y" * 3_000_000).encode(), 1)
    assert len(large) > 3_000_000
    assert read(large).code.names == ("x",)


def test_a_notebook_without_cells_is_empty() -> None:
    assert read(notebook()).code.body == ()
