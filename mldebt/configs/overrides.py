"""Override words of a Hydra command line: `k=v`, `+k=v`, `++k=v`, `~k`, `group=option`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mldebt.configs.composition import START, as_omegaconf
from mldebt.configs.types import ConfigError, ConfigNode, ConfigPath, Scalar, ScalarNode
from mldebt.configs.yaml import parse_yaml

_WORD = re.compile(r"(?P<sign>\+\+|\+|~)?(?P<key>[^=\s]+?)(?P<value>=(?s:.*))?")
_WORDS: dict[str, Scalar] = {"null": None, "true": True, "false": False}
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_COLLECTION = re.compile(r"\[(?s:.*)\]|\{(?s:.*)\}")
_COLON = re.compile(r"(?<=\w):(?=[^\s/])")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,1000}(?:_[0-9]+){0,50})")
_FLOAT = re.compile(r"[-+]?(?:(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|inf|nan)")


@dataclass(frozen=True, slots=True)
class Override:
    """`sign` is "", "+", "++" or "~"; `text` is None where no `=` follows the key."""

    sign: str
    key: str
    text: str | None

    @property
    def path(self) -> ConfigPath:
        return tuple(self.key.split("."))

    @property
    def value(self) -> ConfigNode:
        """The value as Hydra's grammar gives it; a text where it is no value (a sweep, a function)."""
        text = (self.text or "").strip()
        if _COLLECTION.fullmatch(text):
            try:
                return as_omegaconf(parse_yaml("", _COLON.sub(": ", text)).root or ScalarNode(text, START))
            except ConfigError:
                return ScalarNode(text, START)
        return ScalarNode(_scalar(text), START)


def _scalar(text: str) -> Scalar:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _QUOTED.fullmatch(text):
        return text[1:-1].replace("\\" + text[0], text[0])
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def parse_override(word: str) -> Override | None:
    """The override that a word is; none where it is something else (an option of Hydra itself, a stray word)."""
    found = _WORD.fullmatch(word)
    if found is None or found["key"].startswith("-") or (found["value"] is None and found["sign"] != "~"):
        return None
    return Override(found["sign"] or "", found["key"], found["value"][1:] if found["value"] is not None else None)
