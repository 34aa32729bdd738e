"""How near each engine comes to PyTorch in float32, and whether it computes the same at all."""

import json
import math

from prepare import WORK

# Less than this is no matter of precision but another computation. int8 without calibration for
# the texts at hand can be far off and is reported, not refused.
LEAST_COSINE = {"float32": 0.99999, "bfloat16": 0.999, "int8": 0.5}


def cosine(a, b):
    return (sum(x * y for x, y in zip(a, b)) /
            math.sqrt(sum(x * x for x in a) * sum(y * y for y in b)))


def compare(found, reference):
    cosines = [cosine(a, b) for a, b in zip(found, reference)]
    difference = max(abs(x - y) for a, b in zip(found, reference) for x, y in zip(a, b))
    return {"worst": min(cosines), "mean": sum(cosines) / len(cosines), "difference": difference}


def agreement(model, engines):
    """By engine: cosines of pooled states, or of [CLS] states where no others are computed.

    @raises RuntimeError for one that computes something else"""
    held_out = json.loads((WORK / "models" / model / "held_out_ids.json").read_text())
    load = {"batches": [held_out[i:i + 16] for i in range(0, len(held_out), 16)]}
    states = {}
    for engine in engines:
        engine.ask("load", **load)
        states[engine.label] = engine.ask("states")
    reference = states["torch float32"]
    result = {}
    for engine in engines:
        if model == "M2" and engine.label.startswith("ctranslate2"):
            continue  # it runs the stand-in
        found = states[engine.label]
        kind = "pooled" if found["pooled"] else "first"
        result[engine.label] = compare(found[kind], reference[kind]) | {"states": kind}
        worst = result[engine.label]["worst"]
        if not worst > LEAST_COSINE[engine.precision]:
            raise RuntimeError(f"{model}: {engine.label} disagrees with PyTorch: {worst}")
    return result
