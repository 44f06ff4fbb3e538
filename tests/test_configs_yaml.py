"""YAML trees: values as PyYAML's safe loader gives them, places, duplicates, limits."""

from __future__ import annotations

import pytest
import yaml

from mldebt.configs.read import parse_config
from mldebt.configs.tree import entry_at, node_at, plain
from mldebt.configs.types import ConfigError, ConfigTree, Entry, MappingNode, ScalarNode, Span
from mldebt.configs.yaml import parse_yaml

SAME_AS_SAFE_LOADER = [
    "a: 1\nb: [1, 2.5, x]\nc: {d: null, e: ~}\n",
    "yes_: yes\nno_: No\non_: ON\noff_: off\ntrue_: True\ny: y\n",
    "octal: 010\nhex: 0x1F\nbinary: 0b101\nunderscored: 1_000\nsexagesimal: 190:20:30\nnegative: -7\nzero_o: 0o7\n",
    "text: 1e-3\nfloat: 1.0e-3\nplus: 1.5e+3\nno_sign: 1.5e3\ninf: -.inf\nsixty: 1:30.5\ndot: .5\nend: 5.\n",
    "quoted: '1'\ndouble: \"yes\"\nescaped: \"a\\n\\u00e9\"\ndoubled: 'it''s'\n",
    "block: |\n  one\n  two\nfolded: >-\n  one\n  two\nplain: one\n  two\n",
    "base: &base {lr: 0.1, epochs: 3}\nrun:\n  <<: *base\n  epochs: 4\nagain: *base\n",
    "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: [*a, *b]\nd: {<<: {q: 1}, q: 2}\ne:\n  <<: *a\n  k: 1\n  <<: *b\n",
    "a: &a {x: 1}\nb: &b\n  <<: *a\n  y: 2\nc:\n  <<: *b\n",
    "1: int key\n0x10: hex key\n'2': text key\n",
    "- - 1\n  - 2\n- a: 1\n  b: 2\n-\n",
    "!!str 12\n",
    "[!!int '3', !!float 2, !!str yes, ! 12]\n",
    "a: 1\r\nb:\r\n  - x\r\n",
    "# only a comment\n",
    "",
    "---\na: 1\n---\n- 2\n...\n---\n",
    "key with space: v\n? explicit\n: value\nempty:\n",
    'json: {"a": [1, {"b": null}], "c":"d"}\n',
    "ключ: значение\nemoji: 😀\n",
]


def tree_of(text: str) -> ConfigTree:
    return parse_config("config.yaml", "yaml", text.encode())


def error_of(data: bytes, kind: str = "yaml") -> tuple[str, int, int]:
    with pytest.raises(ConfigError) as caught:
        parse_config("config", kind, data)
    return caught.value.reason, caught.value.line, caught.value.column


@pytest.mark.parametrize("text", SAME_AS_SAFE_LOADER)
def test_values_are_those_of_the_safe_loader(text: str) -> None:
    expected = list(yaml.safe_load_all(text))
    found = [plain(document) for document in tree_of(text).documents]
    assert found == expected
    assert repr(found) == repr(expected)  # 1 is not True, 1 is not 1.0, and the order is the same


def test_dates_and_custom_tags_stay_text() -> None:
    text = "day: 2024-01-31\ntime: 2024-01-31 10:00:00\nobject: !!python/object/apply:os.system [ls]\nown: !env HOME\nbroken: !!int no\n"
    assert plain(tree_of(text).root) == {
        "day": "2024-01-31",
        "time": "2024-01-31 10:00:00",
        "object": ["ls"],
        "own": "HOME",
        "broken": "no",
    }


def test_keys_that_are_no_text_and_no_number_keep_their_text() -> None:
    assert list(plain(tree_of("on: 1\n1.5: 2\nnull: 3\n2024-01-01: 4\n").root)) == ["on", "1.5", "null", "2024-01-01"]


def test_duplicates_stay_in_file_order_and_the_last_one_counts() -> None:
    root = tree_of("lr: 0.001\nepochs: 40\nlr: 0.1\n").root
    assert isinstance(root, MappingNode)
    assert [(entry.key, entry.key_at.line) for entry in root.entries] == [("lr", 1), ("epochs", 2), ("lr", 3)]
    assert plain(root) == {"lr": 0.1, "epochs": 40}


def test_merged_entries_are_apart_and_point_at_the_anchor() -> None:
    root = tree_of("base: &base\n  lr: 0.1\nrun:\n  <<: *base\n  epochs: 4\n").root
    run = node_at(root, ("run",)) if root else None
    assert isinstance(run, MappingNode)
    assert [entry.key for entry in run.entries] == ["epochs"]
    assert [(entry.key, entry.key_at.line) for entry in run.merged] == [("lr", 2)]


def test_places_are_characters_counted_from_one() -> None:
    text = 'é: {😀: "ü", next: 1}\nlist:\n  - a\n  - bc\nblock:\n  x: 1\n\n# comment\nlast: 2\n'
    root = tree_of(text).root
    assert root is not None
    entry = entry_at(root, ("é", "next"))
    assert entry is not None
    assert entry.key_at == Span(1, 13, 1, 17)
    assert entry.value.at == Span(1, 19, 1, 20)
    item = node_at(root, ("list", 1))
    assert item is not None
    assert item.at == Span(4, 5, 4, 7)
    block = node_at(root, ("block",))
    assert block is not None
    assert block.at == Span(6, 3, 6, 7)  # not up to the next key


def test_an_alias_has_its_own_key_and_the_place_of_the_anchored_value() -> None:
    root = tree_of("lr: &lr 0.1\nother: *lr\n").root
    entry = entry_at(root, ("other",)) if root else None
    assert entry is not None
    assert (entry.key_at.line, entry.value.at.line, entry.value) == (2, 1, ScalarNode(0.1, Span(1, 9, 1, 12)))


def test_quotes_and_blocks_are_known() -> None:
    root = tree_of("a: 1e-3\nb: '1e-3'\nc: |\n  1e-3\n").root
    assert root is not None
    nodes = [node_at(root, (key,)) for key in "abc"]
    assert [node.quoted for node in nodes if isinstance(node, ScalarNode)] == [False, True, True]


def test_leaves_come_in_file_order_with_their_paths() -> None:
    tree = tree_of("a:\n  b: 1\n  c: [2, {d: 3}]\ne: 4\n")
    assert [path for path, _ in tree.leaves()] == [("a", "b"), ("a", "c", 0), ("a", "c", 1, "d"), ("e",)]


def test_comments_cover_their_own_line_or_the_next_with_content() -> None:
    text = (
        "# mldebt: ignore-file[x]\n\n# more\na: 1  # mldebt: ignore[y]\n"
        'text: "# mldebt: not a comment"\nblock: |  # expect: z\n  # expect: not a comment\n# an ordinary one\nb: 2 # expect-not-yet: w\n'
    )
    assert [(comment.text, comment.line, comment.column, comment.covers) for comment in tree_of(text).comments] == [
        ("# mldebt: ignore-file[x]", 1, 1, 4),
        ("# mldebt: ignore[y]", 4, 7, 4),
        ("# expect: z", 6, 11, 6),
        ("# expect-not-yet: w", 9, 6, 9),
    ]


def test_the_hydra_header_names_a_package() -> None:
    assert tree_of("\n# @package _global_\n# text\na: 1\n").package == "_global_"
    assert tree_of("# text\n# @package x\na: 1\n").package is None
    assert tree_of("a: 1\n# @package x\n").package is None


def test_byte_order_marks_are_no_content() -> None:
    for data in ("\ufeffé: 1\n".encode(), "é: 1\n".encode("utf-16")):
        tree = parse_config("config.yaml", "yaml", data)
        root = tree.root
        assert plain(root) == {"é": 1}
        assert isinstance(root, MappingNode)
        assert root.entries[0].key_at == Span(1, 1, 1, 2)


BILLION_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
MERGE_BOMB = (
    "big: &big {"
    + ", ".join(f"k{number}: 1" for number in range(1000))
    + "}\n"
    + "".join(f"m{number}: {{<<: *big}}\n" for number in range(1000))
)
ALIAS_LADDER = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 2000))
BEYOND = "beyond the parser's limits"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 60_000, (1, 101)),
        ("{" * 60_000, (1, 101)),
        ("[\n" * 60_000, (101, 1)),
        ("- " * 60_000, (1, 201)),
        ("? " * 60_000, (1, 201)),
        ("\n".join("  " * depth + "a:" for depth in range(150)), (101, 201)),
        (BILLION_LAUGHS, (6, 10)),
        (MERGE_BOMB, (51, 11)),
        (ALIAS_LADDER, (100, 12)),
    ],
    ids=["brackets", "braces", "rows", "dashes", "questions", "indents", "laughs", "merges", "ladder"],
)
def test_what_would_kill_a_parser_or_a_reader_is_refused(text: str, place: tuple[int, int]) -> None:
    assert error_of(text.encode()) == (BEYOND, *place)


def test_brackets_in_texts_are_no_nesting() -> None:
    assert plain(tree_of("a: '" + "[" * 500 + "'\nb: |\n  " + "{" * 500 + "\n").root) == {"a": "[" * 500, "b": "{" * 500 + "\n"}


def test_a_hundred_levels_are_fine() -> None:
    node = plain(tree_of("[" * 100 + "]" * 100).root)
    for _ in range(99):
        [node] = node
    assert node == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\nb: [1, 2\nc: 3\n", ("did not find expected ',' or ']'", 3, 2)),
        (b"a:\n\tb: 1\n", ("found character that cannot start any token", 2, 1)),
        (b"a: [", ("did not find expected node content", 1, 5)),
        (b"&a [*a]", ("an alias inside its own anchor", 1, 5)),
        (b"- *nothing", ("an alias without its anchor", 1, 3)),
        (b"- &a 1\n- &a 2\n", ("the same anchor twice", 2, 3)),
        (b"a: 1\n{b: c}: 2\n", ("a mapping or a list as a key", 2, 1)),
        (b"a: 1\nx: {<<: 3}\n", ("a merge key that brings in no mapping", 2, 9)),
        (b"a: 1\nb: \x00\n", ("a NUL character", 2, 4)),
        (b"a: \x07\n", ("a control character", 1, 4)),
        (b"a: 1\nb: caf\xe9\n", ("not UTF-8", 2, 7)),
        (b"a: " + b"x" * 1_000_000, ("larger than 1000000 bytes", 1, 1)),
    ],
)
def test_errors_name_the_reason_and_the_place(data: bytes, expected: tuple[str, int, int]) -> None:
    assert error_of(data) == expected


def test_an_error_in_the_second_document_counts() -> None:
    assert error_of(b"a: 1\n---\nb: [\n")[1] >= 3


@pytest.mark.parametrize("text", SAME_AS_SAFE_LOADER)
def test_the_pure_parser_gives_the_same_values(text: str) -> None:
    pure = parse_yaml("config.yaml", text, yaml.SafeLoader)
    assert repr([plain(document) for document in pure.documents]) == repr(list(yaml.safe_load_all(text)))
    places = [leaf.key_at for _, leaf in pure.leaves() if isinstance(leaf, Entry)]
    assert places == [leaf.key_at for _, leaf in tree_of(text).leaves() if isinstance(leaf, Entry)]


def test_the_pure_parser_keeps_the_limits() -> None:
    with pytest.raises(ConfigError, match=BEYOND):
        parse_yaml("config.yaml", "[" * 60_000, yaml.SafeLoader)
