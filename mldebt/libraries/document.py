"""YAML text of unknown origin to plain data: bounded in size, depth and number of values."""

from __future__ import annotations

import re
import typing
from typing import Any

import yaml

from mldebt.libraries.expect import WrongError

_SIZE_LIMIT, _DEPTH_LIMIT, _NODE_LIMIT = 1_000_000, 60, 500_000
_DEEP_BLOCK = re.compile(rf"^ {{{4 * _DEPTH_LIMIT}}}|(?:[-?] +){{{_DEPTH_LIMIT}}}", re.MULTILINE)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LibraryLoader(_Loader):  # type: ignore[misc]  # the C loader where there is one
    """YAML 1.2 words only (`on` and `no` are names), and no key twice."""

    yaml_implicit_resolvers: typing.ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise WrongError(f"line {key.start_mark.line + 1}: key {key.value!r} stands twice")
            if isinstance(key.value, str):
                seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("float", r"^[-+]?\.inf$", "-+."),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _LibraryLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def parse_document(text: str) -> object:
    if len(text) > _SIZE_LIMIT:
        raise WrongError(f"larger than {_SIZE_LIMIT} characters")
    if _bracket_depth(text) > _DEPTH_LIMIT or _DEEP_BLOCK.search(text):
        raise WrongError(f"nested deeper than {_DEPTH_LIMIT} levels")
    try:
        data = yaml.load(text, _LibraryLoader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise WrongError(f"{line}not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise WrongError(f"not YAML: {' '.join(str(error).split())}") from error
    if _has_too_many_nodes(data):
        raise WrongError(f"more than {_NODE_LIMIT} values once its YAML aliases are followed")
    return data


def _bracket_depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _has_too_many_nodes(data: object) -> bool:
    waiting, count = [data], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > _NODE_LIMIT:
            return True
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False
