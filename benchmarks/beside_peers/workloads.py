"""What is measured with each model."""

import random

import texts
from prepare import WORK

SHAPES = {  # batch, tokens of each text
    "M1": [(b, n) for b in (1, 8, 32) for n in (16, 64, 128)] + [(1, 256), (1, 512)],
    "M2": [(b, n) for b in (1, 8, 32) for n in (16, 64, 128)],
    "M3": [(1, 128), (8, 128), (1, 512)],
}
NEWS = 128  # texts


def random_ids(generator, length):
    return [generator.randrange(1000, 20000) for _ in range(length)]


def shape_workloads(model, shapes):
    generator = random.Random(2)
    for batch, length in shapes or SHAPES[model]:
        ids = [random_ids(generator, length) for _ in range(batch)]
        yield {"name": f"{batch}×{length}", "kind": "shape", "batch": batch, "length": length,
               "load": {"batches": [ids]}, "with_calls": batch == 1}


def text_workloads(model):
    if model == "M2":
        given, name = texts.reviews(), "reviews"
    elif model == "M1":
        given, name = texts.news(WORK / "news", NEWS, seed=2), "news"
    else:
        return
    load = {"texts": given, "maximum_tokens": 128}
    yield {"name": name, "kind": "texts", "texts": len(given), "load": load, "with_calls": False}
    if model == "M2":
        yield {"name": f"{name}, one by one", "kind": "texts", "texts": len(given),
               "load": load | {"texts_in_a_call": 1}, "with_calls": True}


def workloads(model, shapes, with_shapes, with_texts):
    """Each with its name, what to load, and whether single calls are of interest."""
    if with_shapes:
        yield from shape_workloads(model, shapes)
    if with_texts:
        yield from text_workloads(model)
