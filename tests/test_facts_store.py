"""The store: what is put is got, whatever happens to the file in between."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mldebt.facts.read import file_facts
from mldebt.facts.store import Store, cache_directory, decode_facts, encode_facts, facts_key
from mldebt.facts.types import FileFacts, Unreadable


def warnings_into(said: list[str], directory: Path, most_bytes: int = 1_000_000) -> Store:
    return Store(directory, said.append, most_bytes)


def test_what_is_put_is_got_also_by_the_next_scan(tmp_path: Path) -> None:
    said: list[str] = []
    with warnings_into(said, tmp_path / "cache") as store:
        store.put("a", b"1")
        assert store.get("a") == b"1"
        assert store.get("b") is None
    with warnings_into(said, tmp_path / "cache") as store:
        assert store.get("a") == b"1"
    assert said == []
    assert (tmp_path / "cache" / ".gitignore").read_text() == "*\n"
    assert (tmp_path / "cache" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_facts_come_back_equal() -> None:
    source = "def f(a=1):\n    return [x for x in a if x > 1.5] # TODO\n"
    facts = file_facts(source.encode(), "python")
    assert isinstance(facts, FileFacts)
    again = decode_facts(encode_facts(facts))
    assert isinstance(again, FileFacts)
    assert encode_facts(again) == encode_facts(facts)
    assert again.code.children[0].parameters == facts.code.children[0].parameters
    unreadable = Unreadable("no", 3, 4, True)
    assert decode_facts(encode_facts(unreadable)) == unreadable


def test_a_damaged_entry_is_a_miss_and_one_warning(tmp_path: Path) -> None:
    with warnings_into([], tmp_path) as store:
        store.put("a", b"right")
        store.put("b", b"right")
        store.put("c", b"right")
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    with connection:
        connection.execute("UPDATE entries SET value = x'00' WHERE key != 'c'")
    connection.close()
    said: list[str] = []
    with warnings_into(said, tmp_path) as store:
        assert (store.get("a"), store.get("b"), store.get("c")) == (None, None, b"right")
        store.put("a", b"new")
    assert said == ["an entry of the cache is damaged; it is made again"]
    with warnings_into(said, tmp_path) as store:
        assert store.get("a") == b"new"


def test_entries_that_are_no_facts_are_a_miss(tmp_path: Path) -> None:
    said: list[str] = []
    with warnings_into(said, tmp_path) as store:
        store.put(facts_key("h", "python"), b"F\xc1")
        assert store.facts("h", "python") is None
        assert store.get(facts_key("h", "python")) is None
    assert len(said) == 1


@pytest.mark.parametrize("content", [b"this is no database" * 100, b""])
def test_a_damaged_file_is_made_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "store.sqlite").write_bytes(content)
    said: list[str] = []
    with warnings_into(said, tmp_path) as store:
        assert store.get("a") is None
        store.put("a", b"1")
    with warnings_into(said, tmp_path) as store:
        assert store.get("a") == b"1"
    assert said == (["the cache is damaged; it is made again"] if content else [])


def test_a_place_that_cannot_be_used_is_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    with warnings_into(said, tmp_path / "file" / "cache") as store:
        store.put("a", b"1")
        assert store.get("a") is None
    assert len(said) == 1


def test_the_oldest_entries_go_first(tmp_path: Path) -> None:
    with warnings_into([], tmp_path, 1_000) as store:
        store.put("old", b"x" * 600)
    with warnings_into([], tmp_path, 1_000) as store:
        store.put("new", b"x" * 600)
    with warnings_into([], tmp_path, 1_000) as store:
        assert (store.get("old"), len(store.get("new") or b"")) == (None, 600)


_WRITER = """
import sys
from pathlib import Path
from mldebt.facts.store import Store
for turn in range(30):
    with Store(Path(sys.argv[1]), lambda text: sys.exit(text)) as store:
        for number in range(20):
            store.put(f"{sys.argv[2]}/{turn}/{number}", b"x" * 1000)
"""


def test_two_scans_write_at_once(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    said: list[str] = []
    with warnings_into(said, tmp_path, 10_000_000) as store:
        for name in ("a", "b"):
            assert all(store.get(f"{name}/{turn}/{number}") == b"x" * 1000 for turn in range(30) for number in range(20))
    assert said == []


def test_the_place_of_the_cache(tmp_path: Path) -> None:
    assert cache_directory(tmp_path, {}) == tmp_path / ".mldebt_cache"
    assert cache_directory(tmp_path / "nowhere", {"MLDEBT_CACHE_DIR": "/somewhere"}) == Path("/somewhere")
    assert cache_directory(tmp_path / "nowhere", {}) is None
    (tmp_path / ".mldebt_cache").symlink_to("/")
    assert cache_directory(tmp_path, {}) is None
