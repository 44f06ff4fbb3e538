"""The image holds what mldebt is built from and nothing else, and does not run as root. (Building it needs a Docker daemon; no test does.)"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

HOUSE = Path(__file__).parents[1]
DOCKERFILE = (HOUSE / "Dockerfile").read_text(encoding="utf-8")
COPIED = {name.removeprefix("./") for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]}


def test_copies_what_the_package_is_built_from() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    built_from = {folder.split("/")[0] for folder in project["tool"]["setuptools"]["package-dir"].values()}
    named = {project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml"}
    assert built_from | named == COPIED


def test_context_is_what_is_copied() -> None:
    first, *others = (HOUSE / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert first == "*"
    assert {line.removeprefix("!") for line in others if line.startswith("!")} == COPIED
    assert "**/__pycache__" in others


def test_last_stage_runs_mldebt_as_an_ordinary_user_with_git() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\d+)$", last, re.MULTILINE)
    assert int(user) > 0
    assert last.index("apt-get install") < last.index("pip install") < last.index("\nUSER ") < last.index("\nENTRYPOINT ")
    assert "--no-install-recommends git" in last
    assert 'ENTRYPOINT ["mldebt"]' in last
