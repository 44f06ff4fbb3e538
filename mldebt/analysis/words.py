"""Whether a word stands anywhere beside the code: in configs, texts, templates. Read when somebody asks."""

from __future__ import annotations

import re
from functools import cached_property

from mldebt.analysis.reading import Reading

LEFT_OUT = frozenset({"python", "notebook", "data", "lock", "sql"})
TEXTS = re.compile(
    r".*(\.env\b|env\b|\.(tf|tfvars|hcl|tpl|tmpl|template|j2|jinja2?|conf|properties|service|sample|example|dist|txt|ps1|bat|fish|xml|nix)$).*"
)
WORD = re.compile(r"[A-Z_a-z][A-Z_a-z0-9]{2,}")
LONGEST = 300_000


class Words:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def holds(self, word: str) -> bool:
        return word in self._all

    @cached_property
    def _all(self) -> frozenset[str]:
        found: set[str] = set()
        for path, kind in sorted(self._reading.kinds.items()):
            if kind in LEFT_OUT or (kind == "other" and not TEXTS.fullmatch(path.lower())):
                continue
            text = self._reading.text(path)
            if text is not None and len(text) <= LONGEST:
                found.update(WORD.findall(text))
        return frozenset(found)
