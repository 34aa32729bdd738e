#!/usr/bin/env python3
"""Charts from the JSON that run.py writes, as SVG files that need nothing else.

usage: charts.py RESULTS.json DIRECTORY
"""

import json
import pathlib
import sys

import svg
from results import (PRECISIONS, TITLES, accurate, best, each_workload, is_first_only, is_ours,
                     precision, ratio, share_of_limit)

COLOURS = {"float32": svg.BLUE, "bfloat16": svg.ORANGE, "int8": svg.GREEN}
DASH = "5 4"


def first_rows(kind, is_accurate=lambda label: True):
    return lambda label: (is_ours(label) and is_first_only(label) and precision(label) == kind
                          and is_accurate(label))


def all_rows(kind):
    return lambda label: is_ours(label) and not is_first_only(label) and precision(label) == kind


def peers(kind, is_accurate):
    return lambda label: not is_ours(label) and precision(label) == kind and is_accurate(label)


def points(results, test, wanted, x_of):
    """Of the fastest engine that passes the test, in each wanted workload."""
    found = []
    for run, workload in each_workload(results):
        if workload["kind"] == "shape" and wanted(run, workload):
            one = best(workload, test)
            if one is not None:
                found.append((x_of(results, run, workload), one[0]))
    return found


def parameters(results, run, workload):
    """Multiplications of a token in millions: what a model's size costs."""
    size = results["sizes"][run["model"]]
    return size["layers"] * size["weights_of_a_layer"] / 1e6


def growth(results):
    """Four panels: what a call costs by length, batch, model and threads."""
    most = max((run["threads"] for run in results["runs"]), default=1)
    panels = [
        (svg.Panel(80, 110, 360, 250, "Length: MiniLM, one text, 1 thread", "tokens", "ms"),
         lambda run, one: run["model"] == "M1" and run["threads"] == 1 and one["batch"] == 1,
         lambda results, run, one: one["length"]),
        (svg.Panel(540, 110, 360, 250, "Batch: MiniLM, 64 tokens, 1 thread",
                   "texts in a call", "ms"),
         lambda run, one: run["model"] == "M1" and run["threads"] == 1 and one["length"] == 64,
         lambda results, run, one: one["batch"]),
        (svg.Panel(80, 460, 360, 250, f"Model: 8 texts of 128 tokens, {most} threads",
                   "million multiplications a token", "ms"),
         lambda run, one: (run["model"] in ("M1", "M3") and run["threads"] == most
                           and (one["batch"], one["length"]) == (8, 128)), parameters),
        (svg.Panel(540, 460, 360, 250, "Threads: MiniLM, 8 texts of 128 tokens", "threads", "ms"),
         lambda run, one: run["model"] == "M1" and (one["batch"], one["length"]) == (8, 128),
         lambda results, run, one: run["threads"]),
    ]
    is_accurate = accurate(results)
    parts = [svg.text(20, 30, "What a call costs: polytag ([CLS] rows) and the best peer of each "
                      "precision", size=16, weight="bold")]
    entries = [(f"polytag {kind}", COLOURS[kind], None) for kind in PRECISIONS]
    entries += [(f"best {kind} peer", COLOURS[kind], DASH) for kind in PRECISIONS]
    parts += svg.legend(20, 62, entries, 155)
    for panel, wanted, x_of in panels:
        for kind in PRECISIONS:
            panel.add(points(results, first_rows(kind), wanted, x_of), COLOURS[kind])
            panel.add(points(results, peers(kind, is_accurate), wanted, x_of), COLOURS[kind], DASH)
        parts += panel.svg()
    return svg.document(960, 770, parts)


def names(run, workload):
    return f"{TITLES[run['model']]}, {workload['name']}, {run['threads']}T"


def ratios(results):
    is_accurate = accurate(results)
    rows = []
    for run, workload in each_workload(results):
        dots = []
        for kind in PRECISIONS:
            for test, filled in ((all_rows(kind), False), (first_rows(kind), True)):
                one = ratio(results, run, workload, test, peers(kind, is_accurate))
                if one is not None:
                    dots.append((one.value, COLOURS[kind], filled))
        rows.append((names(run, workload), dots))
    entries = [(f"{kind}, [CLS] rows", COLOURS[kind], True) for kind in PRECISIONS]
    return svg.dot_rows("Best peer's time ÷ polytag's, same precision (hollow: all rows)",
                        "times as fast as the best peer", rows, entries)


def limit_shares(results):
    rows = []
    for run, workload in each_workload(results):
        dots = [(100 * share_of_limit(results, run, workload, label),
                 COLOURS[precision(label)], True)
                for label in workload["engines"] if is_ours(label) and is_first_only(label)]
        rows.append((names(run, workload), dots))
    entries = [(f"{kind}, [CLS] rows", COLOURS[kind], True) for kind in PRECISIONS]
    return svg.dot_rows("polytag's share of what this machine allows", "percent of the limit", rows,
                        entries, reference=100.0, logarithmic=False)


def write(results, directory):
    if not any(run["workloads"] for run in results["runs"]):
        return
    directory.mkdir(parents=True, exist_ok=True)
    for name, chart in (("cost_growth", growth), ("ratios_to_peers", ratios),
                        ("share_of_limit", limit_shares)):
        (directory / f"{name}.svg").write_text(chart(results))


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        write(json.load(file), pathlib.Path(sys.argv[2]))
