"""One page per check, from its docstring and its fixtures: `python -m mldebt.docgen` writes `docs/checks/`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from mldebt.api import Check
from mldebt.core import Effort, Rule
from mldebt.plugins import load_checks

SHIPPED = "mldebt_checks"
FIXTURES, PAGES = Path("fixtures"), Path("docs/checks")

_PROFILES = {1: "default", 2: "strict", 3: "all"}
_LANGUAGES = {
    ".py": "python", ".ipynb": "python", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json", ".sql": "sql",
    ".sh": "bash", ".csv": "text", ".md": "markdown", ".ini": "ini", ".cfg": "ini",
}  # fmt: skip
_LANGUAGES_BY_NAME = {"Dockerfile": "dockerfile", "Makefile": "make", "dvc.lock": "yaml"}


def profile_of(rule: Rule) -> str:
    """The first profile that runs a check."""
    return "policy" if rule.kind == "policy" else _PROFILES[rule.tier]


def headline(rule: Rule) -> str:
    """Family, profile, severity, confidence and effort in one line."""
    confidence = ", ".join(rule.confidence)
    return f"{rule.family} · profile {profile_of(rule)} · {rule.severity} · {confidence} · {_effort(rule.effort)}"


def _effort(effort: Effort) -> str:
    each = f"{effort.each} min per {effort.per or 'place'}" if effort.each else ""
    return " + ".join(part for part in (f"{effort.offset} min" if effort.offset or not each else "", each) if part)


def pages(checks: Sequence[Check], fixtures: Path) -> dict[str, str]:
    """File name to text of all pages."""
    written = {f"{check.rule.name}.md": page(check.rule, fixtures / check.run.__name__) for check in checks}
    return {**written, "index.md": index([check.rule for check in checks])}


def page(rule: Rule, cases: Path) -> str:
    """The page of one check; `cases` is its folder of fixtures."""
    examples = "".join(
        f"\n## {title}\n{shown}"
        for title, name in (("Flagged", "bad"), ("Not flagged", "good"))
        if (shown := "".join(_shown(cases / name)))
    )
    return f"# {rule.name}\n\n`{rule.code}` · {headline(rule)}\n\n{rule.page}\n{examples}"


def index(rules: Sequence[Rule]) -> str:
    """All checks by family."""
    lines = [
        "# Checks",
        "",
        "Written by `python -m mldebt.docgen`. A check of profile *strict* or *all* runs with `--profile`, a policy when the settings switch it on.",
    ]
    for family, members in groupby(sorted(rules, key=lambda rule: rule.code), key=lambda rule: rule.family):
        lines += ["", f"## {family}", "", "| code | name | profile | severity | what it finds |", "|---|---|---|---|---|"]
        lines += [f"| {r.code} | [{r.name}]({r.name}.md) | {profile_of(r)} | {r.severity} | {_cell(r.summary)} |" for r in members]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _shown(case: Path) -> Iterator[str]:
    for file in sorted(path for path in case.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        name = file.relative_to(case).as_posix()
        text = _text_of(file)
        fence = "`" * max(3, 1 + max((len(run) for run in _runs_of_backticks(text)), default=0))
        language = _LANGUAGES_BY_NAME.get(file.name) or _LANGUAGES.get(file.suffix, "text")
        yield f"\n`{name}`\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _text_of(file: Path) -> str:
    """The text of a file; of a notebook its code cells."""
    text = file.read_bytes().decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    if file.suffix != ".ipynb":
        return text
    try:
        cells = json.loads(text)["cells"]
        sources = {number: "".join(cell["source"]) for number, cell in enumerate(cells) if cell["cell_type"] == "code"}
    except (ValueError, KeyError, TypeError):
        return text
    return "\n\n".join(f"# cell {number}\n{source}" for number, source in sources.items())


def _runs_of_backticks(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split(" ") if run]


def shipped(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if check.run.__module__.split(".")[0] == SHIPPED]


def write(texts: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Makes a folder hold these pages and no others; says which changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in texts.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode():
            (folder / name).write_bytes(text.encode())
            changed.append(name)
    for stale in sorted(path for path in folder.glob("*.md") if path.name not in texts):
        stale.unlink()
        changed.append(stale.name)
    return tuple(changed)


def main() -> None:
    """Run in the checkout: reads `fixtures/`, writes `docs/checks/`."""
    if not FIXTURES.is_dir():
        sys.exit("mldebt.docgen runs in the folder that holds fixtures/")
    for name in write(pages(shipped(load_checks()), FIXTURES), PAGES):
        sys.stdout.write(f"{PAGES / name}\n")


if __name__ == "__main__":
    main()
