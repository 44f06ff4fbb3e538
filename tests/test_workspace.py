"""Which files belong to a root, what each is, what is left out and why."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from mldebt.core import MldebtError
from mldebt.workspace.discover import discover
from mldebt.workspace.ignores import IgnoreRules
from mldebt.workspace.kinds import kind_of
from mldebt.workspace.owners import Owners
from mldebt.workspace.printable import printable
from mldebt.workspace.roles import role_of
from mldebt.workspace.types import Skipped


def write(root: Path, *paths: str, **texts: str) -> None:
    for path in paths:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(texts.get(path, ""))


def ignore(root: Path, text: str, folder: str = "") -> None:
    place = root / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / ".gitignore").write_text(text)


def git(root: Path, *arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    return subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True).stdout


def paths(root: Path, *exclude: str) -> list[str]:
    return [f.path for f in discover(root, exclude).files if not f.path.endswith(".gitignore")]


def left_out(root: Path) -> dict[str, str]:
    return {s.path: s.reason for s in discover(root).skipped}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/train.py", "python"),
        ("requirements.py", "python"),
        ("stubs/x.pyi", "other"),
        ("a.ipynb", "notebook"),
        ("params.yaml", "yaml"),
        ("MLproject", "yaml"),
        ("conf/a.jsonc", "json"),
        ("pyproject.toml", "toml"),
        ("setup.cfg", "ini"),
        (".env", "env"),
        (".env.example", "env"),
        ("deploy/prod.env", "env"),
        ("q/users.SQL", "sql"),
        ("sub/dvc.yaml", "dvc"),
        ("dvc.lock", "dvc"),
        ("data/raw.csv.dvc", "dvc"),
        ("Makefile", "make"),
        ("build.mk", "make"),
        ("run.sh", "shell"),
        ("Dockerfile", "docker"),
        ("docker/Dockerfile.gpu", "docker"),
        ("Dockerfile-arm64", "docker"),
        ("serve.dockerfile", "docker"),
        ("Containerfile", "docker"),
        ("docker-compose.yml", "yaml"),
        ("requirements.txt", "requirements"),
        ("requirements-dev.txt", "requirements"),
        ("dev-requirements.txt", "requirements"),
        ("requirements/base.txt", "requirements"),
        ("constraints.txt", "requirements"),
        ("environment.yaml", "requirements"),
        ("Pipfile", "requirements"),
        ("Pipfile.lock", "lock"),
        ("uv.lock", "lock"),
        ("conda-lock.yml", "lock"),
        (".github/workflows/ci.yaml", "workflow"),
        (".github/actions/setup/action.yml", "workflow"),
        (".github/dependabot.yml", "yaml"),
        (".gitlab-ci.yml", "workflow"),
        (".circleci/config.yml", "workflow"),
        ("conf/config.yml", "yaml"),
        ("azure-pipelines.yml", "workflow"),
        ("Jenkinsfile", "workflow"),
        ("CODEOWNERS", "owners"),
        (".github/CODEOWNERS", "owners"),
        ("src/CODEOWNERS", "other"),
        ("README.md", "markdown"),
        ("docs/a.rst", "markdown"),
        ("data/a.csv", "data"),
        ("data/a.csv.gz", "data"),
        ("a.tar.gz", "other"),
        ("LICENSE", "other"),
        ("dockerfiles", "other"),
    ],
)
def test_a_kind_is_told_by_the_name(path: str, kind: str) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/train.py", "source"),
        ("src/test.py", "source"),
        ("tests/data/x.yaml", "test"),
        ("src/pkg/test_model.py", "test"),
        ("src/pkg/model_test.py", "test"),
        ("conftest.py", "test"),
        ("latest_run.py", "source"),
        ("examples/a/train.py", "example"),
        ("examples/tests/test_a.py", "test"),
        ("demo/app.py", "example"),
        ("docs/conf.py", "docs"),
        ("docs.py", "source"),
        ("proto/model_pb2.py", "generated"),
        ("tests/model_pb2_grpc.py", "generated"),
        ("src/pkg/_version.py", "generated"),
    ],
)
def test_a_role_is_told_by_the_path(path: str, role: str) -> None:
    assert role_of(path) == role


def test_files_come_sorted_with_size_and_forward_slashes(tmp_path: Path) -> None:
    write(tmp_path, "b/z.py", "a.py", "b.py", **{"b/z.py": "x = 1\n"})
    workspace = discover(tmp_path)
    assert [(f.path, f.size) for f in workspace.files] == [("a.py", 0), ("b.py", 0), ("b/z.py", 6)]
    assert workspace.git is None


def test_nested_ignore_files_and_negation_hold(tmp_path: Path) -> None:
    ignore(tmp_path, "*.log\nout/\n/only_here.py\n")
    ignore(tmp_path, "!keep.log\nlocal.py\n", "sub")
    write(
        tmp_path,
        "a.log",
        "out/a.py",
        "only_here.py",
        "sub/only_here.py",
        "sub/keep.log",
        "sub/drop.log",
        "sub/local.py",
        "sub/deep/local.py",
        "local.py",
    )
    assert paths(tmp_path) == ["local.py", "sub/keep.log", "sub/only_here.py"]


def test_a_tracked_file_is_present_though_ignored(tmp_path: Path) -> None:
    write(tmp_path, "out/kept.py", "out/other.py", "build/tool.py", "dist/wheel.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "out/kept.py", "build/tool.py")
    ignore(tmp_path, "out/\n")
    assert paths(tmp_path) == ["build/tool.py", "out/kept.py"]


def test_ignore_files_above_the_root_hold_unless_they_ignore_it(tmp_path: Path) -> None:
    write(tmp_path, "project/a.py", "project/gen/b.py", "scratch/c.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    ignore(tmp_path, "new.py\n/project/gen/x.py\nscratch/\n")
    write(tmp_path, "project/new.py", "project/gen/x.py", "scratch/new.py")
    assert paths(tmp_path / "project") == ["a.py", "gen/b.py"]
    assert paths(tmp_path / "scratch") == ["c.py", "new.py"]


def test_what_is_not_the_projects_own_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        "src/a.py",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "conda/conda-meta/history",
        "node_modules/x.py",
        "src/__pycache__/a.py",
        "lib/site-packages/b.py",
        "build/lib/a.py",
        "my.egg-info/PKG-INFO",
        ".mldebt_cache/x.json",
        "third_party/lib.py",
        "src/vendor/lib.py",
        "libs/sub/lib.py",
        "libs/own.py",
    )
    (tmp_path / ".gitmodules").write_text('[submodule "sub"]\n\tpath = libs/sub\n\turl = https://example.org/x\n')
    assert paths(tmp_path) == [".gitmodules", "libs/own.py", "src/a.py"]
    assert left_out(tmp_path) == {"libs/sub/": "a git submodule", "src/vendor/": "third-party code", "third_party/": "third-party code"}


def test_exclude_leaves_out_and_brings_back(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "vendor/ours.py", "fixtures/bad/x.py", "src/fixtures.py", "old/a.py", "old/keep.py")
    assert paths(tmp_path, "fixtures/", "!vendor/", "old/*", "!old/keep.py") == ["a.py", "old/keep.py", "src/fixtures.py", "vendor/ours.py"]


def test_another_repository_inside_is_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "clone/b.py")
    (tmp_path / "clone" / ".git").mkdir()
    assert paths(tmp_path) == ["a.py", "clone/b.py"]
    git(tmp_path, "init", "-q")
    assert paths(tmp_path) == ["a.py"]
    assert left_out(tmp_path) == {"clone/": "another git repository"}


def test_links_are_never_followed_out_or_around(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    write(outside, "secret.py")
    write(root, "src/a.py", "conf/params.yaml", **{"conf/params.yaml": "a: 1\n"})
    (root / "out.py").symlink_to(outside / "secret.py")
    (root / "outer").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "gone.py").symlink_to("nowhere.py")
    (root / "again.py").symlink_to("src/a.py")
    (root / "params.yaml").symlink_to("conf/params.yaml")
    assert [(f.path, f.size) for f in discover(root).files] == [("conf/params.yaml", 5), ("params.yaml", 5), ("src/a.py", 0)]
    assert left_out(root) == {
        "again.py": "a link to src/a.py",
        "gone.py": "a broken link",
        "loop": "a link to .",
        "out.py": "a link out of the repository",
        "outer": "a link out of the repository",
        "self": "a broken link",
    }


def test_what_is_no_regular_file_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / ".gitignore")
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket may be too long otherwise
        try:
            listener.bind("s.yaml")
        finally:
            os.chdir(before)
        assert left_out(tmp_path) == {
            ".gitignore": "a named pipe, not a regular file",
            "pipe.py": "a named pipe, not a regular file",
            "s.yaml": "a socket, not a regular file",
        }
    assert paths(tmp_path) == []


def test_hostile_names_stay_printable(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path)
    for name in (b"caf\xe9.py", b"caf\xe9.jpg", b"new\nline.py", "ok é.py".encode()):
        os.close(os.open(raw + b"/" + name, os.O_CREAT))
    workspace = discover(tmp_path)
    assert [f.path for f in workspace.files] == ["new\nline.py", "ok é.py"]
    assert workspace.skipped == (Skipped("caf\\xe9.py", "its name is not UTF-8"),)
    assert printable("a\x1b[31m\u202e") == "a\\x1b[31m\\u202e"


def test_a_folder_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        assert left_out(tmp_path) == {"closed/": "cannot be opened: Permission denied"}
    finally:
        (tmp_path / "closed").chmod(0o755)


def test_a_deep_tree_ends(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    deep = tmp_path.joinpath(*["d"] * 120)
    deep.mkdir(parents=True)
    (deep / "b.py").touch()
    workspace = discover(tmp_path)
    assert [f.path for f in workspace.files] == ["a.py"]
    assert [s.reason for s in workspace.skipped] == ["nested too deeply"]


def test_a_root_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MldebtError, match="not a directory"):
        discover(tmp_path / "nowhere")


LINES = [
    "*.log", "!keep.log", "/top", "mid/dle", "dir/", "!dir/inner/", "a/**/z", "**/deep", "deep2/**", "!deep2/keep.txt", "x*y*z", "q?s",
    "[ab].txt", "[!a-c]x", "\\#hash", "\\!bang", "trail   ", "star/*", "!star/one", "*.py[cod]", "foo/*/bar", "*a*b*c*d", "**", "*/",
    "lit.eral", "/**/any", "sp ace", "**/mid2/**",
]  # fmt: skip
NAMES = [
    "a.log", "keep.log", "top", "sub/top", "mid/dle", "sub/mid/dle", "dir/x", "dir/inner/y", "sub/dir/x", "a/z", "a/b/z", "a/b/c/z", "s/deep",
    "deep2/a", "deep2/keep.txt", "deep2/s/keep.txt", "xAyBz", "xyzq", "qrs", "q/s", "a.txt", "c.txt", "dx", "ax", "#hash", "!bang", "trail",
    "star/one", "star/two", "star/one2/x", "m.pyc", "m.pyx", "foo/1/bar", "foo/bar", "1a2b3c4d", "1a2b3c4de", "abcd", "lit.eral", "litXeral",
    "any", "p/any", "sp ace", "q/mid2/w", "mid2",
]  # fmt: skip


@pytest.mark.parametrize(
    "lines", [LINES[:23], *([line] for line in LINES), ["*", "!*/", "!a.txt"], ["*", "!.gitignore", "!sub"], ["*.log", "!sub/"]], ids=repr
)
def test_ignore_rules_agree_with_git(tmp_path: Path, lines: list[str]) -> None:
    git(tmp_path, "init", "-q")
    for name in NAMES:
        place = tmp_path / name
        if not place.parent.is_file() and not place.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    ignore(tmp_path, "\n".join(lines))
    said = git(tmp_path, "-c", "core.quotepath=off", "ls-files", "-z", "--others", "--exclude-standard").split("\0")
    assert [f.path for f in discover(tmp_path).files] == sorted(path for path in said if path)


def test_a_line_of_many_stars_costs_no_more_than_its_length() -> None:
    rules = IgnoreRules.parse(["*a" * 60 + "b", "**/a/" * 40 + "b"])
    assert rules.ignores("a" * 250, "a" * 250, False) is None
    assert rules.ignores("a" * 250 + "b", "a" * 250 + "b", False) is True


OWNERS = Owners.parse(
    """
# everyone
*            @everyone
*.py         @py @py2   # two of them
/src/        @src
docs/*       docs@example.org
apps/        @apps
**/logs      @logs
/a/**/b.txt  @ab
with\\ space/ @space
/src/free/
[Section] @section
only.txt
other.txt @other
"""
)


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@everyone",)),
        ("x/y.py", ("@py", "@py2")),
        ("src/y.py", ("@src",)),
        ("lib/src/y.py", ("@py", "@py2")),
        ("docs/a.md", ("docs@example.org",)),
        ("docs/deep/a.md", ("@everyone",)),
        ("x/apps/y/z.txt", ("@apps",)),
        ("apps", ("@everyone",)),
        ("x/logs/today", ("@logs",)),
        ("a/b.txt", ("@ab",)),
        ("a/x/y/b.txt", ("@ab",)),
        ("with space/f", ("@space",)),
        ("src/free/f.py", ()),
        ("deep/only.txt", ("@section",)),
        ("other.txt", ("@other",)),
    ],
)
def test_the_last_matching_line_names_the_owner(path: str, owners: tuple[str, ...]) -> None:
    assert OWNERS.owner_of(path) == owners


def test_owner_patterns_of_many_stars_end() -> None:
    owners = Owners.parse("*a" * 60 + "b @x\n" + "**/a/" * 60 + "b @y\n")
    assert owners.owner_of("/".join(["a" * 200] * 80)) == ()
