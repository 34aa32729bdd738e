"""Cold start and memory: a fresh process of each engine with M1, to its first result."""

import random
import time

import engines
from prepare import WORK
from workloads import random_ids


def starts():
    """What to start, by label: a function that starts it."""
    directory = WORK / "models" / "M1"
    for name, precision in engines.PEERS:
        yield lambda name=name, precision=precision: engines.peer(name, precision, directory, 1)
    for precision in ("float32", "bfloat16", "int8"):
        yield lambda precision=precision: engines.ours("first", precision, directory, 1)


def measure(rounds):
    """By engine: seconds from the start of the process to the hidden states of one text of 16
    tokens, how many of them passed before the model's file was opened, and the memory then."""
    load = {"batches": [[random_ids(random.Random(5), 16)]]}
    measured = {}
    for number in range(rounds + 1):  # the first brings files into the system's cache
        for begin in starts():
            started = time.perf_counter()
            engine = begin()
            ready = engine.read()
            engine.ask("load", **load)
            engine.ask("run", times=1)
            seconds = time.perf_counter() - started
            if number > 0:
                one = measured.setdefault(engine.label, {"seconds": [], "import_seconds": [],
                                                         "resident_bytes": []})
                one["seconds"].append(seconds)
                one["import_seconds"].append(ready.get("import_seconds", 0))
                one["resident_bytes"].append(engine.resident_bytes())
            engine.close()
    return measured
