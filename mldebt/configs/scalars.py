"""What a YAML scalar means: to PyYAML's safe loader (YAML 1.1), and to OmegaConf."""

from __future__ import annotations

import re
from typing import Any

from yaml import ScalarNode as YamlScalar
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from mldebt.configs.types import Scalar, ScalarNode

MERGE = "tag:yaml.org,2002:merge"
_STANDARD = "tag:yaml.org,2002:"

_RESOLVER: Any = Resolver()
_CONSTRUCTOR: Any = SafeConstructor()
_READERS: dict[str, Any] = {
    f"{_STANDARD}null": _CONSTRUCTOR.construct_yaml_null,
    f"{_STANDARD}bool": _CONSTRUCTOR.construct_yaml_bool,
    f"{_STANDARD}int": _CONSTRUCTOR.construct_yaml_int,
    f"{_STANDARD}float": _CONSTRUCTOR.construct_yaml_float,
}

_OMEGACONF_FLOAT = re.compile(
    r"""[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
      | [-+]?[0-9]+(?:_[0-9]+)*[eE][-+]?[0-9]+
      | \.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?""",
    re.VERBOSE,
)


def resolve(tag: str | None, text: str, implicit: tuple[bool, bool]) -> tuple[str, Scalar]:
    """The tag of a scalar and its value; text where the tag is a date, binary or a custom one, or does not fit the text."""
    if tag is None or tag == "!":
        tag = str(_RESOLVER.resolve(YamlScalar, text, implicit))
    reader = _READERS.get(tag)
    if reader is None:
        return tag, text
    try:
        return tag, reader(YamlScalar(tag, text))
    except (ValueError, KeyError, IndexError, OverflowError):
        return tag, text


def omegaconf_value(node: ScalarNode) -> Scalar:
    """The value that OmegaConf's loader gives: it reads `1e-3` and `1_0.5e3` as floats, which YAML 1.1 does not."""
    if isinstance(node.value, str) and not node.quoted and _OMEGACONF_FLOAT.fullmatch(node.value):
        return float(node.value.replace("_", ""))
    return node.value
