"""The flake8 plugin, called as flake8 calls it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from word_analysis import analyze_words

from mldebt import flake8_plugin
from mldebt.flake8_plugin import MldebtPlugin


def test_findings_of_the_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mldebt.analysis.analyze", analyze_words)
    flake8_plugin._findings.cache_clear()
    (tmp_path / "mldebt.toml").write_text("")
    (tmp_path / "a.py").write_text("x = 1\ny = 2  # DEBT\n")
    (tmp_path / "b.py").write_text("z = 3  # DEBT\n")
    monkeypatch.chdir(tmp_path)
    assert list(MldebtPlugin(ast.parse(""), "./a.py").run()) == [(2, 9, "MLD998 The word DEBT. [word-of-debt]", MldebtPlugin)]
    assert list(MldebtPlugin(ast.parse(""), "stdin").run()) == []
