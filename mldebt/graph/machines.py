"""What a path or the name of a device says about the machine it is on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mldebt.declarations.types import HOLE

FIXED_USERS = frozenset(
    {
        "airflow", "app", "appuser", "azureuser", "circleci", "codespace", "coder", "ec2-user", "flink", "gitlab-runner", "gitpod", "glue_user", "hadoop", "jenkins",
        "jovyan", "mambauser", "metaflow", "mlflow", "nobody", "nonroot", "onyxia", "ray", "runner", "sagemaker-user", "spark", "sparkuser", "vsts", "vscode",
    }
)  # fmt: skip
"""Users that images and services bring along: their homes are the same wherever the image runs."""

_PLATFORMS = {"/content/drive": "Google Colab", "/kaggle": "Kaggle"}
_HOMES = re.compile(r"/(?:home|Users)/(?P<user>[^/]+)(?:/|$)")
_MOUNTS = re.compile(r"/(?:mnt|media|Volumes)/(?P<name>[^/]+)")
_FIXED_MOUNTS = frozenset({"azureml", "batch", "task-runtime", "secrets", "secrets-store"})
_DRIVE = re.compile(r"(?P<letter>[A-Za-z]):[\\/]+(?P<top>[^\\/]*)[\\/]*(?P<next>[^\\/]*)")
_SYSTEM = re.compile(
    r"(?:windows|program ?files.*|programdata|progra~\d|nvidia|cuda|python\d*|temp|tmp|msys\d*|tools|vcpkg|inetpub|app)?", re.IGNORECASE
)
_DEVICE = re.compile(r"(?:(?:cuda|xpu|hip|npu|mlu|/?(?:device:)?gpu):)?(?P<index>\d+)", re.IGNORECASE)

Machine = Literal["user", "drive", "mount", "platform"]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a path is at home; `name` of the platform, or ""."""

    kind: Machine
    name: str = ""


def home_of(path: str, machine_folders: Sequence[str] = ()) -> Home | None:
    """The one kind of machine that has such a path; None where any may have it, or nobody can tell."""
    if any(lies_below(path, folder) for folder in machine_folders):
        return Home("mount")
    platform = next((name for folder, name in _PLATFORMS.items() if lies_below(path, folder)), "")
    if platform:
        return Home("platform", platform)
    if (home := _HOMES.match(path)) and _is_somebody(home["user"]):
        return Home("user")
    if (mount := _MOUNTS.match(path)) and HOLE not in mount["name"] and mount["name"] not in _FIXED_MOUNTS:
        return Home("mount")
    if (drive := _DRIVE.match(path)) and _is_own_folder(drive):
        return Home("drive")
    return None


def _is_somebody(user: str) -> bool:
    return HOLE not in user and user not in FIXED_USERS and user not in ("Shared", "Public")


def _is_own_folder(drive: re.Match[str]) -> bool:
    if HOLE in drive["top"] or not drive["top"]:
        return False
    if drive["top"].lower() == "users":
        return bool(drive["next"]) and HOLE not in drive["next"] and drive["next"].lower() not in ("public", "default", "all users")
    return drive["letter"].upper() != "C" or _SYSTEM.fullmatch(drive["top"]) is None


def lies_below(path: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return path == folder or path.startswith(f"{folder}/")


def device_index(text: str) -> int | None:
    """The number of a device that is one among several of a machine."""
    match = _DEVICE.fullmatch(text)
    return int(match["index"]) if match else None


_MAKES_A_FOLDER = re.compile(r"\s*(?:WORKDIR|COPY|ADD|VOLUME|working_dir)\b", re.IGNORECASE)
_IN_A_CONTAINER = re.compile(r"(?<![\w.$}/])(?:/[\w.-]+){2,}(?![\w./-]*:/)")


def container_folders(text: str) -> frozenset[str]:
    """The folders that the text of a Dockerfile, compose file or workflow makes or uses; not those of the host that it mounts."""
    return frozenset(
        match[0]
        for line in text.splitlines()
        for match in _IN_A_CONTAINER.finditer(line)
        if _MAKES_A_FOLDER.match(line) or not _HOMES.fullmatch(match[0])  # a user is made for other reasons too
    )
