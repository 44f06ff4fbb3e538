"""JSON, TOML, INI, .env and requirements: values as the usual loaders give them, places, limits."""

from __future__ import annotations

import configparser
import json
import tomllib

import pytest

from mldebt.configs.dvc import parameter, params_leaves
from mldebt.configs.read import format_of, looks_like_template, parse_config
from mldebt.configs.text import Places
from mldebt.configs.toml import placed
from mldebt.configs.tomlplaces import TomlPlaces
from mldebt.configs.tree import entry_at, node_at, plain
from mldebt.configs.types import ConfigError, ConfigNode, ConfigTree, MappingNode, ScalarNode, SequenceNode, Span

BEYOND = "beyond the parser's limits"


def tree_of(text: str, kind: str) -> ConfigTree:
    return parse_config(f"config.{kind}", kind, text.encode())


def error_of(text: str, kind: str) -> tuple[str, int, int]:
    with pytest.raises(ConfigError) as caught:
        tree_of(text, kind)
    return caught.value.reason, caught.value.line, caught.value.column


def key_texts(text: str, tree: ConfigTree) -> list[str]:
    """What stands in the text at the place of each key, in order of the tree."""
    lines = text.splitlines()

    def walk(node: ConfigNode | None) -> list[str]:
        if isinstance(node, MappingNode):
            spans = [(entry.key_at, entry.value) for entry in node.entries]
            return [text for at, value in spans for text in (lines[at.line - 1][at.column - 1 : at.end_column - 1], *walk(value))]
        return [text for item in node.items for text in walk(item)] if isinstance(node, SequenceNode) else []

    return walk(tree.root)


def value_places(tree: ConfigTree) -> list[tuple[object, int, int, int]]:
    nodes = [leaf.value if not isinstance(leaf, ScalarNode) else leaf for _, leaf in tree.leaves()]
    return [(node.value, node.at.line, node.at.column, node.at.end_column) for node in nodes if isinstance(node, ScalarNode)]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        " [1, -2, 0, 3.5, -1e5, 2E-3, 1.0]\n",
        '{"a": {"b": [true, false, null, "x"]}, "c": ""}',
        '"alone"',
        "17",
        '["\\u00e9\\n\\"\\\\\\/", "\\ud83d\\ude00", "é😀"]',
        '{"a": 1, "a": 2}',
        "[NaN, Infinity, -Infinity]",
        '{"": 1}\r\n',
    ],
)
def test_json_values_are_those_of_json(text: str) -> None:
    assert repr(plain(tree_of(text, "json").root)) == repr(json.loads(text))


def test_json_accepts_comments_and_trailing_commas() -> None:
    text = '// first\n{\n  /* two\n lines */ "a": [1, 2,], // third\n  "b": "// no comment",\n}\n'
    assert plain(tree_of(text, "json").root) == {"a": [1, 2], "b": "// no comment"}


def test_json_keeps_duplicates_and_places() -> None:
    text = '{"lr": 0.1,\n "é": [1,\n  "x"], "lr": 0.2}'
    tree = tree_of(text, "json")
    assert isinstance(tree.root, MappingNode)
    assert [(entry.key, entry.key_at) for entry in tree.root.entries] == [
        ("lr", Span(1, 2, 1, 6)),
        ("é", Span(2, 2, 2, 5)),
        ("lr", Span(3, 9, 3, 13)),
    ]
    assert value_places(tree) == [(0.1, 1, 8, 11), (1, 2, 8, 9), ("x", 3, 3, 6), (0.2, 3, 15, 18)]
    assert tree.root.at == Span(1, 1, 3, 19)


def test_json_comments_that_speak_cover_a_line() -> None:
    text = '{\n  // mldebt: ignore[x]\n\n  "a": 1, /* expect: y */\n  "b": "// mldebt: no"\n}'
    assert [(comment.text, comment.line, comment.covers) for comment in tree_of(text, "json").comments] == [
        ("// mldebt: ignore[x]", 2, 4),
        ("/* expect: y */", 4, 4),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("an empty file", 1, 1)),
        ("// nothing\n", ("an empty file", 2, 1)),
        ('{"a": 1', ("an end of the file before the end of the document", 1, 8)),
        ("[1 2]", ("expected ',' or ']'", 1, 4)),
        ('{"a": 1]', ("expected ',' or '}'", 1, 8)),
        ('{"a" 1}', ("expected ':' after the key", 1, 6)),
        ("{1: 2}", ("expected a key in double quotes or '}'", 1, 2)),
        ('{"a":}', ("expected a value", 1, 6)),
        ("[1,,2]", ("expected a value", 1, 4)),
        ("[,]", ("expected a value", 1, 2)),
        ("[01]", ("expected ',' or ']'", 1, 3)),
        ("{'a': 1}", ("expected a value", 1, 2)),
        ('[\n"a\nb"]', ("a text without its end, or with a control character in it", 2, 1)),
        ('["\\x"]', ("an escape that JSON does not know", 1, 3)),
        ("[1]\n]", ("text after the end of the document", 2, 1)),
        ("/* open", ("a comment without its end", 1, 1)),
        ("[" * 60_000, (BEYOND, 1, 101)),
        ('{"a":' * 60_000, (BEYOND, 1, 501)),
        ("[" + "9" * 5000 + "]", (BEYOND, 1, 2)),
    ],
)
def test_json_errors_name_the_place(text: str, expected: tuple[str, int, int]) -> None:
    assert error_of(text, "json") == expected


def test_a_lone_surrogate_in_json_does_not_reach_the_output() -> None:
    value = plain(tree_of('["\\ud800x"]', "json").root)[0]
    assert value.encode() == "\ufffdx".encode()


TOML = '''# mldebt: ignore[x]
title = "a # b" # expect: y
"quoted key" = 1
a.b.c = 0x1F
numbers = [1, 2_000, # note
  [3.5, {x = 1, y.z = "q"}], -0.0, inf, 1e3,
]
text = """
lr = 1
"quote" """
literal = \'\'\'
[no.header]
\'\'\'
[table]
k = 'lit'
[table.sub]
k = true
[[runs]]
n = 1
[[runs.inner]]
q = "\\u00e9"
[[runs]]
n = 2
[runs.tab]
z = {}
[x.y]
b = 1
[x]
a = 2
"e.f" = []
'''


def test_toml_values_are_those_of_tomllib() -> None:
    for text in (TOML, TOML.replace("\n", "\r\n"), "", "# only a comment", "[empty]\n"):
        assert repr(plain(tree_of(text, "toml").root)) == repr(tomllib.loads(text))


def test_toml_keys_stand_where_their_places_say() -> None:
    expected = 'title,"quoted key",a,b,c,numbers,x,y,z,text,literal,table,k,sub,k,runs,n,inner,q,n,tab,z,x,y,b,a,"e.f"'
    assert key_texts(TOML, tree_of(TOML, "toml")) == expected.split(",")


def test_toml_values_have_places() -> None:
    found = value_places(tree_of(TOML, "toml"))
    assert ("a # b", 2, 9, 16) in found
    assert ("q", 6, 23, 26) in found
    assert (2, 23, 5, 6) in found  # n of the second of [[runs]]
    root = tree_of(TOML, "toml").root
    assert root is not None
    second = node_at(root, ("runs", 1))
    assert second is not None
    assert second.at == Span(22, 1, 22, 9)


def test_toml_dates_stay_text() -> None:
    text = "at = 1979-05-27 07:32:00Z # note\nday = 1979-05-27\ntimes = [07:32:00, 08:00:00]\n"
    assert plain(tree_of(text, "toml").root) == {
        "at": "1979-05-27 07:32:00Z",
        "day": "1979-05-27",
        "times": ["07:32:00", "08:00:00"],
    }


def test_a_toml_place_that_disagrees_with_tomllib_falls_back_to_the_table() -> None:
    text = "top = 0\n\n[table]\nwrong = 1\nright = 2\n"
    places = TomlPlaces(text).scan()
    places.children["table"].children["wrong"].raw = "7"
    root = placed(tomllib.loads(text), places, Span(1, 1, 1, 1), Places(text))
    lines = {key: entry.key_at.line for key in ("wrong", "right") if (entry := entry_at(root, ("table", key)))}
    assert lines == {"wrong": 3, "right": 5}
    assert plain(root) == {"top": 0, "table": {"wrong": 1, "right": 2}}


def test_toml_comments_that_speak_cover_a_line() -> None:
    assert [(comment.text, comment.covers) for comment in tree_of(TOML, "toml").comments] == [
        ("# mldebt: ignore[x]", 2),
        ("# expect: y", 2),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\na = 2\n", 2), ("a = 1\nb = [\n", 3), ("[t]\n[t]\n", 2), ("key\n", 1), ('a = 1\nb = "x\n', 2)],
)
def test_toml_errors_name_the_line(text: str, line: int) -> None:
    reason, found, _ = error_of(text, "toml")
    assert found == line
    assert "at line" not in reason


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 60_000, "a = " + "{a = " * 60_000, "[" + "a." * 60_000 + "a]", "a." * 300 + "a = 1", "a = " + "9" * 5000]
)
def test_toml_beyond_the_limits_is_refused(text: str) -> None:
    assert error_of(text, "toml")[0] == BEYOND


INI = """# mldebt: ignore[x]
[DEFAULT]
Base = 1
[train]
Lr = 0.1
  continued

  more
Other: x = y ; no comment
empty =
[eval]
lr = 1
LR = 2
; note
    indented = z
  back = q
"""


def test_ini_values_are_those_of_configparser() -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(INI)
    assert plain(tree_of(INI, "ini").root) == {section: dict(parser[section]) for section in parser}


def test_ini_keeps_duplicates_and_places() -> None:
    tree = tree_of(INI, "ini")
    section = node_at(tree.root, ("eval",)) if tree.root else None
    assert isinstance(section, MappingNode)
    assert [(entry.key, entry.key_at) for entry in section.entries] == [("lr", Span(12, 1, 12, 3)), ("lr", Span(13, 1, 13, 3))]
    assert [(comment.line, comment.covers) for comment in tree.comments] == [(1, 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\n[x]\n", ("an option before the first section", 1, 1)),
        ("[x]\na = 1\nnonsense\n", ("neither a section nor an option", 3, 1)),
    ],
)
def test_ini_errors_name_the_place(text: str, expected: tuple[str, int, int]) -> None:
    assert error_of(text, "ini") == expected


def test_environment_files() -> None:
    text = '# note\nA=1\nexport B="x\\ny # z" # expect: q\nC=\'a b\'\nD = plain value  # note\nE=\nF="two\nlines"\nif [ x ]; then\nG=http://x#y\nA=2'
    tree = tree_of(text, "env")
    assert plain(tree.root) == {"A": "2", "B": "x\ny # z", "C": "a b", "D": "plain value", "E": "", "F": "two\nlines", "G": "http://x#y"}
    assert isinstance(tree.root, MappingNode)
    assert [(entry.key, entry.key_at.line, entry.key_at.column) for entry in tree.root.entries if entry.key in ("A", "B", "G")] == [
        ("A", 2, 1),
        ("B", 3, 8),
        ("G", 10, 1),
        ("A", 11, 1),
    ]
    assert [(comment.text, comment.covers) for comment in tree.comments] == [("# expect: q", 3)]


def test_requirements_are_one_text_a_line() -> None:
    text = "# note\nnumpy==1.0  # mldebt: ignore[z]\n\n  pandas>=1 \\\n   --hash=sha256:abc\n-r other.txt\ngit+https://host/x#egg=z\n"
    tree = tree_of(text, "requirements")
    assert value_places(tree) == [
        ("numpy==1.0", 2, 1, 11),
        ("pandas>=1 --hash=sha256:abc", 4, 3, 21),
        ("-r other.txt", 6, 1, 13),
        ("git+https://host/x#egg=z", 7, 1, 25),
    ]
    assert [(comment.line, comment.covers) for comment in tree.comments] == [(2, 2)]


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("dvc.lock", "dvc", "yaml"),
        ("data.csv.dvc", "other", "yaml"),
        (".github/workflows/ci.yml", "workflow", "yaml"),
        ("MLproject", "other", "yaml"),
        ("poetry.lock", "lock", "toml"),
        ("Pipfile.lock", "lock", "json"),
        ("settings.jsonc", "data", "json"),
        ("setup.cfg", "other", "ini"),
        ("train.py", "python", None),
    ],
)
def test_the_format_comes_from_the_kind_or_the_name(path: str, kind: str, expected: str | None) -> None:
    assert format_of(path, kind) == expected


def test_a_file_of_no_known_format_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no format"):
        parse_config("train.py", "python", b"x = 1")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a = \xe9", b"\x00", b"[\x00]"])
@pytest.mark.parametrize("kind", ["yaml", "json", "toml", "ini", "env", "requirements"])
def test_bytes_that_are_no_text_are_an_error_in_every_format(data: bytes, kind: str) -> None:
    with pytest.raises(ConfigError):
        parse_config("config", kind, data)


@pytest.mark.parametrize("kind", ["yaml", "toml", "ini", "env", "requirements"])
def test_an_empty_file_has_no_leaves(kind: str) -> None:
    for text in ("", "\n", "# comment\n"):
        assert list(tree_of(text, kind).leaves()) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"name: {{ cookiecutter.name }}\n", True),
        (b"{% if x %}\na: 1\n{% endif %}\n", True),
        (b"{{- range .Values.items }}\n- a\n{{- end }}\n", True),
        (b"run: echo ${{ github.sha }}\n", False),
        (b"a: '{{ x }}'\nb: \"{% y %}\"\n# {{ z }}\n", False),
        (b"a: [1, {b: {c: 1}}]\n", False),
    ],
)
def test_templates_are_told_from_broken_configs(data: bytes, expected: bool) -> None:
    assert looks_like_template(data) is expected


def test_parameters_are_named_as_dvc_names_them() -> None:
    tree = tree_of("train:\n  lr: 0.1\n  layers: [1, 2]\n  none: {}\nseed: 1\n0: {a: 2}\n", "yaml")
    assert [(name, entry.key_at.line) for name, entry in params_leaves(tree)] == [
        ("train.lr", 2),
        ("train.layers", 3),
        ("train.none", 4),
        ("seed", 5),
        ("0.a", 6),
    ]
    places = {name: entry.key_at.line for name in ("train", "train.lr", "0.a", "train.gone") if (entry := parameter(tree, name))}
    assert places == {"train": 1, "train.lr": 2, "0.a": 6}
