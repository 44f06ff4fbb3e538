"""Whether a reference to something outside may mean something else tomorrow: what each kind of host takes for a version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mldebt.core import Confidence
from mldebt.declarations.types import HOLE

BRANCHES = frozenset({"main", "master", "develop", "dev", "head", "trunk", "nightly"})
MOVING = frozenset({"latest", "current", "today", "newest"})
STAGES = frozenset({"production", "staging", "archived", "latest", "none"})
DATA = re.compile(
    r"\.(?:csv|tsv|txt|json|jsonl|ndjson|parquet|feather|arrow|avro|orc|xlsx?|h5|hdf5|npy|npz|pkl|pickle|joblib|pt|pth|ckpt|bin|onnx|safetensors"
    r"|tflite|pb|keras|model|zip|tar|tgz|gz|bz2|xz|7z|data|dat|arff|db|sqlite|geojson|libsvm|svm|mat)$",
    re.IGNORECASE,
)
RAW_FILE = re.compile(r"https?://raw\.github(?:usercontent)?\.com/[^/]+/[^/]+/(?:refs/(?P<heads>heads|tags)/)?(?P<ref>[^/]+)/")
HOSTED_FILE = re.compile(
    r"https?://(?:www\.)?[^/]+/[^/]+/[^/]+(?:/[^/]+)??/(?:-/)?(?:raw|blob|resolve|archive)/(?:refs/(?P<heads>heads|tags)/)?(?P<ref>[^/?]+?)(?:\.zip|\.tar\.gz)?(?:[/?]|$)"
)
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?")
VERSIONED = re.compile(r"(?:^|[/_.=-])(?:v\d+|\d+\.\d+|(?:19|20)\d\d(?:[-_/]?\d\d)?|[0-9a-f]{12,64})(?:[/_.=-]|$)", re.IGNORECASE)
RECORD = re.compile(
    r"https?://(?:[^/]+/[^/]+/[^/]+/releases/download/[^/]*\d|(?:[\w-]+\.)?(?:zenodo\.org/records?/\d|figshare\.com/|osf\.io/|doi\.org/))"
    r"|.*[-_][0-9a-f]{8,64}\.\w+$"
)


@dataclass(frozen=True, slots=True)
class Looseness:
    """How a reference may move, and how sure that is; `fix` says what to write instead."""

    why: str
    fix: str
    confidence: Confidence


def looseness(host: str, name: str, pin: str | None) -> Looseness | None:
    """None where the reference means one version, or may."""
    if HOLE in name.rpartition(":")[2] and host != "url":
        return None
    if pin is not None and (pin == "" or HOLE in pin or pin.lower() not in BRANCHES):
        return None
    match host:
        case "hub":
            return _hub(name, pin)
        case "registry":
            return _registry(name)
        case "artifact":
            return _artifact(name)
        case "git":
            return _git(name)
        case "weights":
            return _weights(name)
        case "numbered":
            return _numbered(name)
        case "repository":
            return (
                Looseness("follows the default branch of another repository", "Pass `rev=` with a tag or commit", "firm")
                if ":" in name
                else None
            )
        case "bucket":
            return _bucket(name)
    return _url(name)


def _hub(name: str, pin: str | None) -> Looseness | None:
    if "/versions/" in name or not HUB_NAME.fullmatch(name):
        return None
    branch = f"the branch '{pin}'" if pin else "the default branch"
    return Looseness(
        f"follows {branch} of somebody else's repository", 'Pin `revision="<commit>"` and keep it in the configuration', "firm"
    )


def _registry(name: str) -> Looseness | None:
    if not name.startswith("models:/"):
        return None
    model, at, alias = name.removeprefix("models:/").partition("@")
    last = model.strip("/").rpartition("/")[2]
    if at:
        return Looseness(
            f"means whatever the alias '{alias}' points to today", "Name the version, and keep it in the configuration", "certain"
        )
    if "/" in model.strip("/") and last.lower() in STAGES:
        return Looseness(f"means whatever '{last}' is today", "Name the version, and keep it in the configuration", "certain")
    return None


def _artifact(name: str) -> Looseness | None:
    base, mark, version = name.rpartition(":")
    if mark and (re.fullmatch(r"v\d+|[0-9a-f]{16,}", version) or "/" in version):
        return None
    why = f"means whatever the alias '{version}' points to today" if mark else "names no version"
    return Looseness(why, f"Name the version, as in '{(base or name).rpartition('/')[2].replace(HOLE, '*')}:v3'", "certain")


def _git(name: str) -> Looseness | None:
    repository, mark, reference = name.partition(":")
    if "/" not in repository or (mark and reference.lower() not in BRANCHES):
        return None
    why = (
        f"follows the branch '{reference}' of somebody else's repository"
        if mark
        else "follows the default branch of somebody else's repository"
    )
    return Looseness(why, f"Name a tag or commit, as in '{repository}:v1.0'", "certain")


def _weights(name: str) -> Looseness | None:
    if "/" in name or ":" in name or "." in name:
        return None
    return Looseness(
        "takes the weights that the installed library means by it", "Name the weights (an enum, or a tag behind the model's name)", "firm"
    )


def _numbered(name: str) -> Looseness | None:
    if "://" not in name or re.search(r"/\d+/?(?:\?|$)", name):
        return None
    return Looseness("has no version at its end", "End the address with a version, as in '/1'", "firm")


def _bucket(name: str) -> Looseness | None:
    if MOVING & set(re.split(r"[/:]", name.lower())):
        return Looseness("means whatever lies there today", "Name the version", "certain")
    if VERSIONED.search(name):
        return None
    return Looseness("can be written over at any time", "Read it by `VersionId`, or under a key that holds a version", "tentative")


def _url(name: str) -> Looseness | None:
    scheme, mark, rest = name.partition("://")
    if not mark or HOLE in rest.partition("/")[0] or rest.startswith(("localhost", "127.0.0.1", "0.0.0.0")):
        return None
    parts = {part.lower() for part in re.split(r"[/?&=]", rest)[1:]}
    stems = {part.partition(".")[0] for part in parts}
    if scheme not in ("http", "https"):
        return _object(rest, parts, stems)
    hosted = RAW_FILE.match(name) or HOSTED_FILE.match(name)
    if hosted:
        reference = hosted["ref"]
        if HOLE in reference or hosted["heads"] == "tags" or (reference.lower() not in BRANCHES and hosted["heads"] != "heads"):
            return None
        fix = "Name the commit in the address, or keep a copy under version control"
        return Looseness(f"follows the branch '{reference}' of a repository", fix, "certain")
    if not DATA.search(rest.partition("?")[0].removesuffix(".gz")) and not DATA.search(rest.partition("?")[0]):
        return None
    if MOVING & (parts | stems):
        return Looseness("means whatever lies there today", "Name the version in the address", "certain")
    if RECORD.match(name) or HOLE in rest:
        return None
    return Looseness("is taken as it comes, without a checksum", "Check it against a hash, or keep a copy under version control", "firm")


def _object(rest: str, parts: set[str], stems: set[str]) -> Looseness | None:
    """An object of a bucket."""
    if MOVING & (parts | stems):
        return Looseness("means whatever lies there today", "Name the version", "certain")
    if HOLE in rest or VERSIONED.search(rest):
        return None
    return Looseness("can be written over at any time", "Read it by its version, or under a key that holds one", "tentative")


def loose_image(name: str) -> Looseness | None:
    """An image without a tag, or with one that moves."""
    if HOLE in name or "@" in name or not name:
        return None
    tag = name.rpartition("/")[2].partition(":")[2]
    if tag and tag.lower() not in MOVING:
        return None
    why = f"means whatever '{tag}' is today" if tag else "has no tag, so it means the latest"
    return Looseness(why, "Name a version, best with its digest", "certain")
