"""One door to all formats: the bytes of a config file to its tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from mldebt.configs.environment import parse_environment
from mldebt.configs.ini import parse_ini
from mldebt.configs.json import parse_json
from mldebt.configs.requirements import parse_requirements
from mldebt.configs.text import MAX_BYTES, decode
from mldebt.configs.toml import parse_toml
from mldebt.configs.types import ConfigError, ConfigTree
from mldebt.configs.yaml import parse_yaml

_PARSERS: dict[str, Callable[[str, str], ConfigTree]] = {
    "yaml": parse_yaml,
    "json": parse_json,
    "toml": parse_toml,
    "ini": parse_ini,
    "env": parse_environment,
    "requirements": parse_requirements,
}
_BY_KIND = {"dvc": "yaml", "workflow": "yaml"} | {name: name for name in _PARSERS}
_BY_SUFFIX = {
    ".yaml": "yaml", ".yml": "yaml", ".dvc": "yaml",
    ".json": "json", ".jsonc": "json", ".ipynb": "json",
    ".toml": "toml",
    ".ini": "ini", ".cfg": "ini",
    ".env": "env",
}  # fmt: skip
_BY_NAME = {
    "MLproject": "yaml", "dvc.lock": "yaml", "conda-lock.yml": "yaml",
    "Pipfile": "toml", "poetry.lock": "toml", "uv.lock": "toml", "pdm.lock": "toml",
    "Pipfile.lock": "json", "package-lock.json": "json",
    ".env": "env", ".coveragerc": "ini", ".flake8": "ini", ".pylintrc": "ini",
}  # fmt: skip

_QUOTED_OR_COMMENT = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|(?m:(?:^|(?<=\s))#[^\n]*)")
_TEMPLATE = re.compile(r"(?<!\$)\{\{(?!\{)|\{%[-+ ]|\{#[- ]")


def format_of(path: str, kind: str) -> str | None:
    """The format of a file, from its kind in the workspace, else from its name."""
    name = PurePosixPath(path).name
    return _BY_KIND.get(kind) or _BY_NAME.get(name) or _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())


def parse_config(path: str, kind: str, data: bytes, limit: int = MAX_BYTES) -> ConfigTree:
    """The tree of a config file of at most `limit` bytes; `ConfigError` says why and where it cannot be read."""
    parse = _PARSERS.get(format_of(path, kind) or "")
    if parse is None:
        raise ConfigError("no format that mldebt reads")
    return parse(path, decode(data, limit))


def looks_like_template(data: bytes) -> bool:
    """Whether a file that does not parse is a Jinja, Helm or cookiecutter template: `{{`, `{%` or `{#` outside quotes.

    `${{ }}` of CI definitions is ordinary YAML and does not count.
    """
    text = _QUOTED_OR_COMMENT.sub("", data.decode("utf-8", errors="replace"))
    return _TEMPLATE.search(text) is not None
