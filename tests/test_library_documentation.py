"""docs/libraries.md says what the loader does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from mldebt.core import MldebtError
from mldebt.libraries.load import Knowledge, read_library, shipped_libraries
from mldebt.libraries.read import TYPE_KINDS, VERBS, WORDS

PAGE = (Path(__file__).parent.parent / "docs" / "libraries.md").read_text(encoding="utf-8")


def test_the_examples_of_the_documentation_are_library_files() -> None:
    example, expressions, queries = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    found = Knowledge([*shipped_libraries(), read_library(example, "mldebt-acme.yaml")])
    assert found.method("acme.Booster", "fit") is not None
    assert found.call(found.canonical("acme.core.read_table")) is not None
    columns = Knowledge([read_library(f"library: acme\n{expressions}", "mldebt-acme.yaml")])
    assert columns.kind("acme.Column") == "expression"
    assert columns.method("acme.Column", "rounded") is not None
    warehouse = Knowledge([read_library(f"library: acme\n{queries}", "mldebt-acme.yaml")])
    assert warehouse.kind("acme.Job") == "handle"
    assert warehouse.method("acme.Warehouse", "ask") is not None


def test_the_complaint_of_the_documentation_is_real() -> None:
    (complaint,) = re.findall(r"^    (mldebt-acme\.yaml: .*)$", PAGE, re.MULTILINE)
    example, *_others = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    with pytest.raises(MldebtError) as caught:
        read_library(example.replace("converts: same", "converts: smae"), "mldebt-acme.yaml")
    assert str(caught.value) == complaint


def test_the_documentation_has_every_verb_with_its_fields() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\|", PAGE.partition("## Verbs")[2], re.MULTILINE)
    said = {verb: sorted(re.findall(r"\w+", names)) for verb, names in rows}
    assert said == {verb: sorted(field.name for field in fields(model)) for verb, model in VERBS.items()}


def test_the_documentation_has_every_word() -> None:
    words = {word for group in WORDS.values() for word in group} | set(TYPE_KINDS)
    assert {word for word in words if not re.search(rf"\b{word}\b", PAGE)} == set()
