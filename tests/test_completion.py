"""Shell completion: the script of each shell comes out, and what it asks is answered without loading the analysis."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = Path(sys.executable).parent
ASKED = {  # what the script of a shell sets for "mldebt sc"
    "bash": {"COMP_WORDS": "mldebt\nsc", "COMP_CWORD": "1"},
    "zsh": {"COMP_WORDS": "mldebt sc", "COMP_CWORD": "1"},
    "fish": {"COMP_WORDS": "mldebt sc", "COMP_CWORD": "sc"},
}
IN_SHELLS = {
    "bash": 'eval "$(_MLDEBT_COMPLETE=bash_source mldebt)"; COMP_WORDS=(mldebt sc); COMP_CWORD=1; _mldebt_completion mldebt; echo "${COMPREPLY[@]}"',
    "zsh": 'compdef() { print registered $*; }; eval "$(_MLDEBT_COMPLETE=zsh_source mldebt)"; whence -w _mldebt_completion',
    "fish": '_MLDEBT_COMPLETE=fish_source mldebt | source; complete --do-complete "mldebt sc"',
}
SAID = {"bash": "scan", "zsh": "registered _mldebt_completion mldebt\n_mldebt_completion: function", "fish": "scan"}
HEAVY = ("jinja2", "libcst", "msgspec", "networkx", "rich", "sqlglot", "yaml", "mldebt.analysis")


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLDEBT_")}
    return kept | {"PATH": f"{COMMANDS}{os.pathsep}{kept['PATH']}", **more}


def answer(shell: str, **words: str) -> str:
    asked = environment(_MLDEBT_COMPLETE=f"{shell}_complete", **words)
    return subprocess.run([COMMANDS / "mldebt"], env=asked, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("shell", ASKED)
def test_script_comes_out(shell: str) -> None:
    asked = environment(_MLDEBT_COMPLETE=f"{shell}_source")
    script = subprocess.run([COMMANDS / "mldebt"], env=asked, capture_output=True, text=True, check=True).stdout
    assert f"_MLDEBT_COMPLETE={shell}_complete" in script


@pytest.mark.parametrize("shell", ASKED)
def test_a_command_is_completed(shell: str) -> None:
    first, *others = answer(shell, **ASKED[shell]).splitlines()
    assert "scan" in (first, first.partition(",")[2].partition("\t")[0], *others)
    assert not any("explain" in line for line in others)


def test_options_and_their_values_are_completed() -> None:
    assert "plain,--fail-on" in answer("bash", COMP_WORDS="mldebt\nscan\n--fail", COMP_CWORD="2").splitlines()
    assert answer("bash", COMP_WORDS="mldebt\nscan\n--format\nsa", COMP_CWORD="3") == "plain,sarif\n"


def test_completing_does_not_load_the_analysis() -> None:
    asked = environment(_MLDEBT_COMPLETE="bash_complete", **ASKED["bash"])
    command = [sys.executable, "-X", "importtime", str(COMMANDS / "mldebt")]
    lines = subprocess.run(command, env=asked, capture_output=True, text=True, check=True).stderr.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
    assert "click" in imported
    assert sorted(imported.intersection(HEAVY)) == []


@pytest.mark.parametrize("shell", ASKED)
def test_in_the_shell(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    options = {"bash": ["--noprofile", "--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    places = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    ended = subprocess.run(
        [program, *options, "-c", IN_SHELLS[shell]], env=environment(**places), capture_output=True, text=True, check=False
    )
    assert SAID[shell] in ended.stdout, ended.stderr
