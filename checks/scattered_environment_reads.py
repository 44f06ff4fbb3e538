"""Code reads the environment in many modules, or needs a variable that nothing declares.

## Why it is debt

A variable of the environment is a setting that no review, no diff and no schema sees. Where every module reads its own, nobody can say what a program needs
before it fails; where a variable stands in no file at all, the next machine finds out at run time (Sculley et al. 2015, section 6: configuration should be easy
to see and hard to get wrong).

## What to do

Read the environment in one settings class or module, with types and defaults, and list what has no default in `.env.example`, the Dockerfile or the README.

## Limits

Judged is code that training or serving reaches. Scattered are reads in four modules or more of one project (a folder with its own pyproject.toml, setup.py,
requirements.txt, environment.yml or Dockerfile, else the root); modules whose name says settings or config are no part of that, nor are notebooks. Undeclared is a
variable that is read by `os.environ["NAME"]` only, unconditionally, outside `try`, if no text, config or template and no message of the code spells its name. Variables of platforms and frameworks
(`CUDA_…`, `RANK`, `SM_…`, `AWS_…`, `HF_…`, `WANDB_…` and their kin) and secrets are left alone, as is `os.getenv("NAME")`, which allows for absence.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Effort, Problem, check


@check(
    "MLD515",
    family="configuration",
    tier=2,
    severity="minor",
    confidence=("certain",),
    effort=Effort(20, 2, "read"),
)
def scattered_environment_reads(graph: DebtGraph) -> Iterator[Problem]:
    for variable in graph.undeclared_variables():
        yield Problem(
            at=variable.at,
            symbol=variable.name,
            key=variable.name,
            message=f"'{variable.name}' has to be in the environment of {variable.function}, and nothing here declares it.",
            advice="Name it in .env.example or the README, and read the environment in one settings class.",
            confidence="certain",
            evidence=variable.evidence,
            size=variable.reads,
        )
    for project in graph.scattered_environment():
        where = f"of {project.project}" if project.project else "of this repository"
        yield Problem(
            at=project.at,
            symbol="environment",
            key=f"environment of {project.project}",
            message=f"Modules {where} read the environment each for itself.",
            advice=f"Collect the {project.reads} reads of {project.modules} modules in one settings class, with types and defaults.",
            confidence="certain",
            evidence=project.evidence,
            size=project.reads,
        )
