"""The report as one HTML file that needs nothing else: no network, no fonts, no scripts of others."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from mldebt.core import CONFIDENCES, SEVERITIES
from mldebt.report.contents import Contents
from mldebt.report.html.layout import NODE_HEIGHT
from mldebt.report.html.page import CONFIDENCE_MEANINGS, page_of
from mldebt.report.wording import visible

_STYLES = ("report.css", "graph.css", "print.css")
_SCRIPTS = (
    "base.js", "findings.js", "layout.js", "model.js", "scene.js", "camera.js", "panel.js", "search.js", "legend.js", "roaming.js", "export.js",
    "explorer.js",
)  # fmt: skip


def render(contents: Contents) -> str:
    page = page_of(contents)
    style, script = "".join(map(asset, _STYLES)), "".join(map(asset, _SCRIPTS))
    html = (
        environment()
        .get_template("template.html.j2")
        .render(
            page=page,
            contents=contents,
            severities=SEVERITIES,
            confidences=CONFIDENCES,
            meanings=CONFIDENCE_MEANINGS,
            node_height=NODE_HEIGHT,
            style=Markup(style),  # our own files, not text of a repository
            script=Markup(script),
            policy=policy(style, script),
        )
    )
    return html.encode("utf-8", "backslashreplace").decode()


@cache
def environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalized,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": True, "separators": (",", ":")}
    return environment


def _finalized(value: object) -> object:
    """Text of a repository shows its control characters instead of having an effect by them."""
    return visible(value, "\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def asset(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text("utf-8").replace("\r\n", "\n")


def policy(style: str, script: str) -> str:
    """Only this style and this script take effect, and nothing is ever fetched."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; connect-src 'none'; object-src 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
