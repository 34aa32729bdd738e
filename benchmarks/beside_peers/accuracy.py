"""How near each engine comes to PyTorch in float32, and whether it computes the same at all."""

import json
import math

from prepare import WORK

# Less than this is no matter of precision but another computation. int8 without calibration for
# the texts at hand can be far off and is reported, not refused.
LEAST_COSINE = {"float32": 0.99999, "bfloat16": 0.999, "int8": 0.5}
REFERENCE = "torch float32"


def cosine(a, b):
    return (sum(x * y for x, y in zip(a, b)) /
            math.sqrt(sum(x * x for x in a) * sum(y * y for y in b)))


def compare(found, reference):
    cosines = [cosine(a, b) for a, b in zip(found, reference)]
    difference = max(abs(x - y) for a, b in zip(found, reference) for x, y in zip(a, b))
    return {"worst": min(cosines), "mean": sum(cosines) / len(cosines), "difference": difference}


def refuse_other_results(model, engine, worst):
    if not worst > LEAST_COSINE[engine.precision]:
        raise RuntimeError(f"{model}: {engine.label} disagrees with PyTorch: {worst}")


def states(engines, load):
    result = {}
    for engine in engines:
        engine.ask("load", **load)
        result[engine.label] = engine.ask("states")
    return result


def comparable(model, engines):
    """All but the stand-in for an ALBERT in CTranslate2, which has other weights."""
    return [engine for engine in engines
            if model != "M2" or not engine.label.startswith("ctranslate2")]


def agreement(model, engines):
    """By engine: cosines of pooled states, or of [CLS] states where no others are computed.

    @raises RuntimeError for an engine that computes something else"""
    held_out = json.loads((WORK / "models" / model / "held_out_ids.json").read_text())
    found = states(engines, {"batches": [held_out[i:i + 16] for i in range(0, len(held_out), 16)]})
    reference = found[REFERENCE]
    result = {}
    for engine in comparable(model, engines):
        kind = "pooled" if found[engine.label]["pooled"] else "first"
        compared = compare(found[engine.label][kind], reference[kind])
        result[engine.label] = compared | {"states": kind}
        refuse_other_results(model, engine, compared["worst"])
    return result


def check_texts(model, engines, load):
    """That texts become the same states in the same order, whatever goes between.

    @raises RuntimeError for an engine with others"""
    found = states(engines, load | {"texts": load["texts"][:40]})
    for engine in comparable(model, engines):
        compared = compare(found[engine.label]["first"], found[REFERENCE]["first"])
        refuse_other_results(model, engine, compared["worst"])
