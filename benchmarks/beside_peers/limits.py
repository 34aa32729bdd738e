"""What this machine allows at best, and how long each workload would take at that.

A workload's limit is the longer of two times, products at the machine's peak and the weights' way
from the level of memory that holds them, and on top of it the vector work between the products
(GELU, softmax, layer norm) at the speed that it has on values in the nearest cache. Nothing else
is counted: no embeddings, no memory traffic of activations, no start of threads.
"""

import json
import subprocess

from prepare import PROGRAMS, WORK

WEIGHT_BYTES = {"float32": 4, "bfloat16": 2, "int8": 1}


def measure(threads):
    """By number of threads, what machine_limits prints."""
    return {str(count): json.loads(subprocess.run([PROGRAMS / "machine_limits", str(count)],
                                                  check=True, capture_output=True).stdout)
            for count in threads}


def sizes(model):
    """Of an encoder's layers, read from its config.json."""
    config = json.loads((WORK / "models" / model / "config.json").read_text())
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    return {"hidden": hidden, "inner": inner, "heads": config["num_attention_heads"],
            "layers": config["num_hidden_layers"],
            "weights_of_a_layer": 4 * hidden * hidden + 2 * hidden * inner,
            "layers_stored": config.get("num_hidden_groups", config["num_hidden_layers"])
            if config["model_type"] == "albert" else config["num_hidden_layers"]}


def operations(size, lengths, first_only):
    """Multiplications and additions, and the products of the rows that a classifier reads alone."""
    tokens, squares = sum(lengths), sum(n * n for n in lengths)
    layer = 2 * tokens * size["weights_of_a_layer"] + 4 * squares * size["hidden"]
    if not first_only:
        return size["layers"] * layer
    # Of the last layer: as if each text were one row, and its heads' products with all rows.
    last = (2 * len(lengths) * size["weights_of_a_layer"]
            + 4 * tokens * size["hidden"] * size["heads"])
    return (size["layers"] - 1) * layer + last


def softmax_nanoseconds(machine, length):
    """Per element, of the measured width that is nearest."""
    measured = machine["vector_ns_per_element"]["softmax"]
    return measured[min(measured, key=lambda width: abs(int(width) - length))]


def vector_seconds(size, precision, lengths, first_only, machine):
    vector = machine["vector_ns_per_element"]
    rows = sum(lengths)
    nanoseconds = 0
    for layer in range(size["layers"]):
        last = first_only and layer + 1 == size["layers"]
        computed = len(lengths) if last else rows
        nanoseconds += computed * size["inner"] * vector["gelu"][precision]
        nanoseconds += 2 * computed * size["hidden"] * vector["layer_norm"]
        nanoseconds += sum((1 if last else n) * n * size["heads"] * softmax_nanoseconds(machine, n)
                           for n in lengths)
    return nanoseconds * 1e-9 / machine["threads"]


def weight_seconds(size, precision, machine):
    """A pass over all layers, from the nearest memory that holds all that is stored."""
    bytes_of_a_layer = size["weights_of_a_layer"] * WEIGHT_BYTES[precision]
    stored = bytes_of_a_layer * size["layers_stored"]
    level = ("l2" if stored <= machine["l2_bytes"] * machine["threads"]
             else "l3" if stored <= machine["l3_bytes"] else "memory")
    return bytes_of_a_layer * size["layers"] / machine["bytes_per_second"][level]


def seconds(size, precision, lengths, first_only, machine):
    """The limit of one call and its parts."""
    products = (operations(size, lengths, first_only)
                / machine["operations_per_second"][precision])
    weights = weight_seconds(size, precision, machine)
    vector = vector_seconds(size, precision, lengths, first_only, machine)
    return {"products": products, "weights": weights, "vector": vector,
            "limit": max(products, weights) + vector}
