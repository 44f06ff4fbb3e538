"""Drafts of a schema for a config, from its values: JSON Schema, dataclasses, pydantic. A draft is to be read and narrowed by people."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldebt.report.configs import ResolvedConfig
from mldebt.report.wording import json_text, visible

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
_HINTS: dict[str, str] = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
_NAME = re.compile(r"[A-Za-z_]\w*")
_NEW_LINE = "\n"


@dataclass(frozen=True, slots=True)
class _Section:
    """A mapping as a class: its name, and (key, hint, comment) of its fields in order; classes of sections below come first."""

    name: str
    fields: tuple[tuple[str, str, str], ...]


def json_schema_of(config: ResolvedConfig, tree: dict[str, Any]) -> str:
    """Every key is required, none other is allowed; `null` allows anything, for it says no type."""
    return json_text({"$schema": DIALECT, "title": config.label, **_schema(tree, "", _uses(config))})


def _schema(value: Any, name: str, uses: dict[str, str]) -> dict[str, Any]:
    said = {"description": uses[name]} if name in uses else {}
    match value:
        case dict():
            below = {str(key): _schema(item, f"{name}.{key}" if name else str(key), uses) for key, item in value.items()}
            return {**said, "type": "object", "additionalProperties": False, "properties": below, "required": list(below)}
        case list():
            kinds = list({json_text(item): item for item in (_schema(item, "", uses) for item in value)}.values())
            items = {} if not kinds else {"items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}}
            return {**said, "type": "array", **items}
        case None:
            return said
    return {**said, "type": _TYPES.get(type(value), "string")}


def dataclasses_of(config: ResolvedConfig, tree: dict[str, Any]) -> str:
    """Frozen dataclasses, one for each section."""
    head = (
        f'"""Settings of {_plain(config.label)}, drafted from its values."""\n\nfrom dataclasses import dataclass\nfrom typing import Any\n'
    )
    return head + "".join(
        _class(section, "@dataclass(frozen=True)\nclass {name}:", _named) for section in _sections("Settings", tree, "", _uses(config))
    )


def pydantic_of(config: ResolvedConfig, tree: dict[str, Any]) -> str:
    """pydantic models that refuse unknown keys."""
    imports = "from typing import Any\n\nfrom pydantic import BaseModel, Field\n"
    head = f'"""Settings of {_plain(config.label)}, drafted from its values."""\n\n{imports}'
    declared = 'class {name}(BaseModel, extra="forbid", frozen=True):'
    return head + "".join(_class(section, declared, _aliased) for section in _sections("Settings", tree, "", _uses(config)))


def _named(key: str, hint: str) -> str:
    """A field; a key that is no Python name is told in a comment, for a dataclass has no other name for it."""
    return f"{key}: {hint}" if _is_field(key) else f"# {_plain(key)!r}: {hint}, which is no name of a field"


def _aliased(key: str, hint: str) -> str:
    """A field; of pydantic names that start with an underscore are no fields, and it knows other names for keys."""
    if _is_field(key) and not key.startswith("_"):
        return f"{key}: {hint}"
    name = re.sub(r"^[^A-Za-z]+|\W+", "_", key, flags=re.ASCII).strip("_") or "field"
    return f"{name}_: {hint} = Field(alias={visible(key)!r})"


def _sections(name: str, tree: dict[str, Any], path: str, uses: dict[str, str]) -> Iterator[_Section]:
    """Inner sections first, so that every class is known where it is used."""
    fields = []
    for key, value in tree.items():
        inner = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict) and value and all(isinstance(one, str) for one in value):
            section = f"{name.removesuffix('Settings')}{_class_name(str(key))}Settings"
            yield from _sections(section, value, inner, uses)
            fields.append((str(key), section, uses.get(inner, "")))
        else:
            fields.append((str(key), _hint(value), uses.get(inner, "")))
    yield _Section(name, tuple(fields))


def _hint(value: Any) -> str:
    match value:
        case dict():
            return f"dict[str, {_one_hint(list(value.values()))}]"
        case list():
            return f"list[{_one_hint(value)}]"
        case None:
            return "Any"
    return _HINTS[_TYPES.get(type(value), "string")]


def _one_hint(values: Sequence[Any]) -> str:
    hints = list(dict.fromkeys(_hint(value) for value in values))
    return "Any" if not hints or "Any" in hints else " | ".join(hints)


def _class(section: _Section, declared: str, field: Callable[[str, str], str]) -> str:
    lines = [f"{_NEW_LINE}{_NEW_LINE}{declared.format(name=section.name)}"]
    for key, hint, use in section.fields:
        lines.append(f"    {field(key, hint)}{f'  # {_plain(use)}' if use else ''}")
    if all(line.lstrip().startswith("#") for line in lines[1:]):
        lines.append("    pass")
    return _NEW_LINE.join(lines) + _NEW_LINE


def _uses(config: ResolvedConfig) -> dict[str, str]:
    return {key.name: f"read at {visible(key.readers[0].path)}:{key.readers[0].line}" for key in config.keys if key.readers}


def _is_field(key: object) -> bool:
    return isinstance(key, str) and _NAME.fullmatch(key) is not None and not keyword.iskeyword(key)


def _class_name(key: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", key) if part)


def _plain(text: str) -> str:
    """On one line, and without what could end a docstring."""
    return visible(text).replace("\\", "/").replace('"', "'")
