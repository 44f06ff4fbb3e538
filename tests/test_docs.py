"""The pages: every link leads somewhere, every check and page can be found, and what they tell people to copy is valid."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pytest
import yaml

from mldebt.cli import main
from mldebt.cli.scan import FORMATS
from mldebt.docgen import shipped
from mldebt.plugins import load_checks

HOUSE = Path(__file__).parents[1]
DOCS = HOUSE / "docs"
PAGES = [HOUSE / "README.md", HOUSE / "benchmarks" / "README.md", *sorted(DOCS.rglob("*.md"))]
SITE = yaml.safe_load((HOUSE / "mkdocs.yml").read_text(encoding="utf-8"))
COMING: frozenset[str] = frozenset()  # pages of the navigation that are still to be written


def name_of(page: Path) -> str:
    return page.relative_to(HOUSE).as_posix()


def prose(page: Path) -> str:
    """A page without its fenced code."""
    return re.sub(r"^(`{3,})[^`\n]*\n.*?^\1 *$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", lambda code: "x" if "](" in code[0] else code[0], prose(page))
    yield from re.findall(r"\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)", text)


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", prose(page), re.MULTILINE):
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = sum(one == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", one) is not None for one in found)
        found.add(f"{slug}-{number}" if number else slug)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if path and target.is_relative_to(DOCS) and target.relative_to(DOCS).as_posix() in COMING:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name_of)
def test_pages_of_the_site_link_within_the_site(page: Path) -> None:
    assert [
        link for link in links(page) if not re.match(r"[a-z]+:", link) and (page.parent / link).resolve().is_relative_to(DOCS) is False
    ] == []


def navigation(entries: Any) -> Iterator[str]:
    for entry in entries:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from navigation(target)


def test_every_page_is_in_the_navigation() -> None:
    named = list(navigation(SITE["nav"]))
    assert len(named) == len(set(named))
    there = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if page.parent == DOCS} | {"checks/index.md"}
    assert set(named) - COMING == there - COMING


def test_every_check_is_in_the_index() -> None:
    listed = set(links(DOCS / "checks" / "index.md"))
    assert {f"{check.rule.name}.md" for check in shipped(load_checks())} <= listed


def test_site_is_built_without_a_complaint(tmp_path: Path) -> None:
    """In a copy, since it is always built beside its sources."""
    shutil.copytree(DOCS, tmp_path / "docs")
    for name in COMING:
        (tmp_path / "docs" / name).touch()
    (tmp_path / "mkdocs.yml").write_bytes((HOUSE / "mkdocs.yml").read_bytes())
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, re.sub(r"\x1b\[[\d;]*m", "", ended.stdout + ended.stderr)
    page = (tmp_path / "site" / "checks" / "unused-feature" / "index.html").read_text(encoding="utf-8")
    assert "Why it is debt" in page
    assert "fonts.googleapis" not in page


# -- what people copy -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for _, language, text in re.findall(r"^(`{3,})(\w*)\n(.*?)^\1 *$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yield Block(name_of(page), language, text)


def yaml_blocks(page: str, holding: str) -> list[str]:
    found = [
        block.text for block in blocks() if (block.page, block.language) == (page, "yaml") and re.search(holding, block.text, re.MULTILINE)
    ]
    assert found
    return found


@pytest.mark.parametrize(
    ("page", "holding", "options"),
    [
        ("docs/ci.md", r"^on:", ["--builtin-schema", "vendor.github-workflows"]),
        ("README.md", r"^on:", ["--builtin-schema", "vendor.github-workflows"]),
        ("docs/ci.md", r"codequality:", ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
        ("docs/ci.md", r"^  - task:", ["--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines"]),
    ],
    ids=["workflows", "workflow", "gitlab", "azure"],
)
def test_examples_are_valid(page: str, holding: str, options: list[str], tmp_path: Path) -> None:
    for text in yaml_blocks(page, holding):
        example = tmp_path / "example.yml"
        example.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "check_jsonschema", *options, str(example)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_examples_name_inputs_of_the_action() -> None:
    known = set(yaml.safe_load((HOUSE / "action.yml").read_text(encoding="utf-8"))["inputs"])
    named: set[str] = set()
    for text in [*yaml_blocks("docs/ci.md", "uses: OWNER/mldebt"), *yaml_blocks("README.md", "uses: OWNER/mldebt")]:
        for step in yaml.safe_load(text)["jobs"]["mldebt"]["steps"]:
            named |= set(step.get("with", {})) if step["uses"].startswith("OWNER/mldebt@") else set()
    assert named
    assert named <= known


def test_example_for_pre_commit_is_valid(tmp_path: Path) -> None:
    (text,) = yaml_blocks("docs/ci.md", r"- id: mldebt")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(tmp_path / "config.yaml")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_readme_shows_what_is_printed(tmp_path: Path) -> None:
    shutil.copytree(HOUSE / "fixtures" / "projects" / "churn", tmp_path / "churn")
    command = [sys.executable, "-m", "mldebt", "scan", "--no-cache", "--exit-zero"]
    listed, shown = (
        subprocess.run([*command, *more], cwd=tmp_path / "churn", capture_output=True, text=True, check=True) for more in ((), ("--full",))
    )
    listing, evidence = [block.text for block in blocks() if block.page == "README.md" and block.text.startswith("marketing/segment.py:")]
    findings, _, summary = listing.partition("\n\n")
    assert f"{findings}\n" == listed.stdout
    assert summary == listed.stderr
    assert evidence.rstrip("\n") == shown.stdout.split("\n\n")[0]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of mldebt in the code of the pages, up to what follows it."""
    for page in PAGES:
        lines = [line for block in blocks() if block.page == name_of(page) for line in block.text.splitlines()]
        lines += re.findall(r"^ {4}(.*)$", prose(page), re.MULTILINE)
        lines += re.findall(r"`(mldebt [^`]*)`", prose(page))
        for line in lines:
            for command in re.findall(r"(?:^|&& |\$ |script: |- )(mldebt [a-z].*)$", line.strip()):
                yield name_of(page), re.split(r"\s(?:#|&&|\|)\s|'$", command)[0].split()


def test_command_lines_name_commands_and_options_that_exist() -> None:
    wrong = []
    for page, words in commands():
        command: click.Command = main
        context = click.Context(main)
        for word in words[1:]:
            if isinstance(command, click.Group) and not word.startswith("-"):
                found = command.get_command(context, word) if word in command.list_commands(context) else None
                if found is None:
                    wrong.append((page, " ".join(words)))
                    break
                command = found
            elif word.startswith("--") and word.partition("=")[0] not in {
                name for one in command.params for name in (*one.opts, *one.secondary_opts)
            }:
                wrong.append((page, f"{word} of {' '.join(words)}"))
        wrong += [
            (page, name)
            for name in re.findall(r"--(?:format |output (?=\w+=))(\w+)", " ".join(words[2:]))
            if words[1] == "scan" and name not in FORMATS
        ]
    assert wrong == []
