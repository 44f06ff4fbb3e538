"""Somebody reads a model's output without having declared it.

## Why it is debt

Whoever changes the model cannot see who depends on its output. A better model, a new scale or a renamed column then
breaks another team silently (Sculley et al. 2015, section 2, undeclared consumers).

## What to do

Declare the dependency: make the reader a stage with the file among its `deps`, name it under `[sources."<path>"] consumers`
in the settings, or read through a model registry.

## Limits

Only consumers in this repository can be seen, and only where producer and consumer name the file in a way that can be
joined (equal, or through matching templates). Readers in the same package or of the same owner are no foreign consumers:
owners are those of CODEOWNERS and `[owners]`, the owner of a file under `[sources."<path>"]` is the one named there, and
`consumers` declares the owners and top-level packages it names, no others.

Consumers outside of the repository cannot be seen. For them stands the measure *open prediction sinks*: files at a URI (`s3://`, `gs://`), SQL
tables and topics that get predictions, and HTTP routes that answer with them and have no parameter that may ask who calls, for which
neither `consumers` in the settings nor a stage names anybody; of all such sinks. A route goes by its dotted name (`serving.app.predict`);
a guard of the whole application, or one inside the function, is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps

from mldebt.api import DebtGraph, Effort, Measure, Problem, check, measure


@check("MLD104", family="boundary-erosion", tier=1, severity="major", confidence=("firm",), effort=Effort(30, 15, "consumer"))
def undeclared_consumer(graph: DebtGraph) -> Iterator[Problem]:
    for read in graph.undeclared_reads():
        asset = read.asset.replace("\ue000", "*")
        yield Problem(
            at=read.at,
            symbol=asset.rpartition("/")[2],
            key=asset,
            message=f"'{read.reader}' reads {read.holds} in '{asset}' that '{read.writer}' writes, but no stage or manifest declares it.",
            advice=f"Make '{read.reader}' a stage with this file among its dependencies, or put at the top of mldebt.toml: "
            f"sources.{dumps(asset, ensure_ascii=False)}.consumers = [{dumps(read.consumer, ensure_ascii=False)}]",
            confidence="firm",
            evidence=read.evidence,
            severity="info" if read.in_notebook else None,
        )


@measure("MLD104", family="boundary-erosion")
def open_prediction_sinks(graph: DebtGraph) -> Iterator[Measure]:
    sinks = list(graph.prediction_sinks())
    places = tuple(sink.at for sink in sinks if sink.is_open)
    if sinks:
        yield Measure("open prediction sinks", len(places), "sinks", len(sinks), places)
