"""The formats a report can have, by name and by the suffix of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mldebt.core import MldebtError
from mldebt.report import azure, github, gitlab, json, junit, markdown, sarif, text
from mldebt.report.contents import Contents

Renderer = Callable[[Contents], str]


def _html(contents: Contents) -> str:
    from mldebt.report import html  # jinja2 is imported for this format only

    return html.render(contents)


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": text.render,
        "json": json.render,
        "sarif": sarif.render,
        "html": _html,
        "github": github.render,
        "gitlab": gitlab.render,
        "junit": junit.render,
        "azure": azure.render,
        "markdown": markdown.render,
    }
)

_SUFFIXES = {
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".md": "markdown",
    ".xml": "junit",
}


def format_of(path: str) -> str:
    """The format that the suffix of a file asks for."""
    for suffix, name in _SUFFIXES.items():
        if path.lower().endswith(suffix):
            return name
    raise MldebtError(f"{path}: no format has this suffix; write FORMAT=FILE with one of {', '.join(FORMATS)}")
