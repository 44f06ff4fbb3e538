"""Pages of resolved configs: one key by key, or two side by side. No script, no network."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from mldebt.report.configs import KeyDifference, ResolvedConfig, differences, tally
from mldebt.report.html import asset, environment, policy
from mldebt.report.wording import counted

_STYLES = ("report.css", "config.css")


def config_page(config: ResolvedConfig) -> str:
    keys = [KeyDifference(key.name, key, None) for key in config.keys]
    return _page(config.label, f"{counted(len(keys), 'key')} of {counted(len(config.files), 'file')}", (config,), keys, ())


def diff_page(left: ResolvedConfig, right: ResolvedConfig) -> str:
    """What differs first, what is equal folded away."""
    found = differences(left, right)
    differing = [one for one in found if one.status != "equal"]
    equal = [one for one in found if one.status == "equal"]
    return _page(f"{left.label} → {right.label}", tally(found), (left, right), differing, equal)


def _page(title: str, gist: str, configs: Sequence[ResolvedConfig], shown: Sequence[KeyDifference], folded: Sequence[KeyDifference]) -> str:
    style = "".join(map(asset, _STYLES))
    html = (
        environment()
        .get_template("config.html.j2")
        .render(title=title, gist=gist, configs=configs, shown=shown, folded=folded, style=Markup(style), policy=policy(style, ""))
    )
    return html.encode("utf-8", "backslashreplace").decode()
