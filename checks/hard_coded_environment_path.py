"""A path or device of one machine is written into the code.

## Why it is debt

The code runs for the one who wrote it. Everybody else, the training cluster and the service have to find the literals and change
them, and whoever forgets one reads old data or none at all. Nothing in the repository says what has to stand in that
place (Sculley et al. 2015, section 6, configuration debt).

## What to do

Take the root of the data from the configuration or from a variable of the environment, and join names to it. Take the device
from the configuration, or let the caller choose with `CUDA_VISIBLE_DEVICES` and use the first.

## Limits

Judged are literals that flow to a call which reads, writes or loads, or which takes a device, outside tests: homes of a user, drives
of Windows, mounts (`/mnt`, `/media`, `/Volumes`; firm), folders of Google Colab and Kaggle (notes in notebooks), and devices
after the first. Listing a folder is no read; hosts are not judged. A text that may come from an option, a setting or the environment is configurable, be the literal its default; so is the default of
a parameter. A literal that is one choice beside a portable one is left alone, as are folders which a Dockerfile, a compose file or a workflow
of the repository names, homes of users that images bring along, platforms, mounts and devices used under a condition, and
devices in a module that shares work out among several. Settings: `fixed-folders` are the same wherever the code runs, `machine-folders` are
further folders of one machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.api import DebtGraph, Effort, Problem, check

DOES = {"read": "reads it", "write": "writes there", "load": "loads it", "device": "uses it"}


@dataclass(frozen=True, slots=True)
class Options:
    """Folders such as `/nfs/team`."""

    machine_folders: tuple[str, ...] = ()
    fixed_folders: tuple[str, ...] = ()


@check(
    "MLD514",
    family="configuration",
    tier=1,
    severity="minor",
    confidence=("certain", "firm"),
    effort=Effort(5, 1, "use"),
    scope="file",
)
def hard_coded_environment_path(graph: DebtGraph, options: Options) -> Iterator[Problem]:
    for anchor in graph.machine_anchors(options.machine_folders, options.fixed_folders):
        does = f"{anchor.callee.rpartition('.')[2]}() {DOES[anchor.use]}"
        where = f"on {anchor.platform} only" if anchor.platform else "on one machine"
        yield Problem(
            at=anchor.at,
            symbol=anchor.name,
            key=anchor.name,
            message=f"Device '{anchor.name}' is not on every machine; {does}."
            if anchor.is_device
            else f"'{anchor.name}' works {where}; {does}.",
            advice="Take the device from the configuration."
            if anchor.is_device
            else "Take the root from the configuration, and join the rest to it.",
            confidence=anchor.confidence,
            evidence=anchor.evidence,
            size=anchor.uses,
            severity="info" if anchor.quiet else None,
        )
