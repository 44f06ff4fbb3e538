"""How many models a change of one feature, setting, transformer or file reaches.

## Why it is debt

Changing anything changes everything: a model weighs all its inputs together, so that one feature redefined retrains every model that gets it (Sculley et al.
2015, section 2, CACE). How strongly is a property of training and no defect of the code; how far, code does tell.

## What to do

Give models that have nothing to do with each other features and transformers of their own, keep joint transforms (PCA) to one model, and compare old and
new predictions on fixed data before a shared feature changes.

## Limits

Measures, no findings. *Entanglement blast radius* is the largest number of models that one thing reaches, of all models that learn here; its places are the ten
that reach the most. *Shared inputs* counts the things that reach two or more models, of all that reach one. *Largest fan-in* is the number of features known by
name and of hyperparameters set that come together in one model. *Joint transforms* are fitted transformers whose every output depends on several columns,
of all that are fitted by themselves. A model is told by the place that makes it; columns that nobody names are in no count.
"""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.api import DebtGraph, Measure, measure

WIDEST = 10


@measure("MLD101", family="boundary-erosion")
def entanglement_blast_radius(graph: DebtGraph) -> Iterator[Measure]:
    models = graph.trained_models()
    if not models:
        return
    spreads = graph.spreads()
    if spreads:
        widest = tuple(spread.at for spread in spreads[:WIDEST])
        yield Measure("entanglement blast radius", len(spreads[0].models), "models", models, widest)
        shared = [spread for spread in spreads if len(spread.models) > 1]
        yield Measure("shared inputs", len(shared), "inputs", len(spreads), tuple(spread.at for spread in shared))
    largest = graph.fan_ins()[0]
    yield Measure("largest fan-in", largest.features + largest.hyperparameters, "inputs", None, (largest.at,))
    joint, fitted = graph.joint_transforms()
    if fitted:
        yield Measure("joint transforms", len(joint), "transforms", fitted, joint)
