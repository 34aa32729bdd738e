#!/usr/bin/env python3
"""Markdown tables from the JSON that run.py writes.

usage: tables.py RESULTS.json
"""

import json
import statistics
import sys

PRECISIONS = ("float32", "bfloat16", "int8")
TITLES = {"M1": "M1: MiniLM-L6", "M2": "M2: ALBERT-small", "M3": "M3: BERT-base"}


def number(milliseconds):
    return f"{milliseconds:.3g}" if milliseconds < 100 else f"{milliseconds:.0f}"


def is_ours(label):
    return label.startswith("polytag")


def precision(label):
    return next(name for name in PRECISIONS if name in label)


def row(cells):
    return "| " + " | ".join(cells) + " |"


def summary(run, statistic):
    """The milliseconds by workload and engine."""
    return {name: {label: statistic(times) for label, times in engines.items()}
            for name, engines in run["workloads"].items()}


def best_peers(milliseconds):
    """The fastest peer's milliseconds by workload and precision."""
    return {(name, kind): min((ms for label, ms in engines.items()
                               if not is_ours(label) and precision(label) == kind), default=None)
            for name, engines in milliseconds.items() for kind in PRECISIONS}


def table(run):
    names = list(run["workloads"])
    medians = summary(run, statistics.median)
    lines = [row([""] + names), row(["---"] + ["---:"] * len(names))]
    labels = list(medians[names[0]])
    best = best_peers(medians)
    for label in sorted(labels, key=lambda one: (PRECISIONS.index(precision(one)), is_ours(one))):
        cells = [number(medians[name][label]) for name in names]
        if not is_ours(label):
            cells = [f"**{cell}**" if medians[name][label] == best[name, precision(label)] else cell
                     for name, cell in zip(names, cells)]
        lines.append(row([label] + cells))
    for title, milliseconds in (("", medians), (", fastest rounds", summary(run, min))):
        best = best_peers(milliseconds)
        for label in filter(is_ours, labels):
            kind = precision(label)
            ratios = [best[name, kind] / milliseconds[name][label] for name in names]
            lines.append(row([f"best {kind} peer ÷ {label}{title}"] +
                             [f"{ratio:.2f}×" for ratio in ratios]))
    return lines


def agreement(run):
    return "; ".join(f"{label} {values['cosine']:.6f} ({values['difference']:.1e})"
                     for label, values in run["agreement"].items() if label != "torch float32")


def markdown(results):
    about = results["machine"]
    loads = [about["load_average"][0], about.get("load_average_after", about["load_average"])[0]]
    lines = [f"{about['cpu']}, {about['cores']} cores; {about['system']}; {about['date']}; "
             f"polytag {about['commit']}; {about['versions']}; load average {loads[0]:.1f} before "
             f"and {loads[1]:.1f} after; {results['rounds']} rounds.", "",
             f"    {about['command']}", ""]
    for run in results["runs"]:
        if not run["workloads"]:
            continue
        plural = "thread" if run["threads"] == 1 else "threads"
        lines += [f"### {TITLES[run['model']]}, {run['threads']} {plural}, median ms", ""]
        lines += table(run) + [""]
        lines += ["Worst cosine to PyTorch float32 (largest difference): " + agreement(run) + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(markdown(json.load(file)))
