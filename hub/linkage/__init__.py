"""Probabilistic linkage: rows without a good key still find their entity.

`specify` works the contract out, `estimate` learns a model from the data and keeps it, `load`
reads it again, `score` finds and weighs pairs, `explain` says why a pair weighs what it does.
"""

from hub.linkage.estimate import estimate
from hub.linkage.explain import Step, explain
from hub.linkage.model import Model, load
from hub.linkage.score import score
from hub.linkage.specification import Specification, specify

__all__ = ["Model", "Specification", "Step", "estimate", "explain", "load", "score", "specify"]
