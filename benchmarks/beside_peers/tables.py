#!/usr/bin/env python3
"""Markdown tables from the JSON that run.py writes.

usage: tables.py RESULTS.json
"""

import json
import statistics
import sys

from results import (PRECISIONS, TITLES, accurate, best, is_first_only, is_ours, median, percentile,
                     precision, share_of_limit, worst_cosines)
from summary import row, summary


def number(milliseconds):
    return f"{milliseconds:.3g}" if milliseconds < 100 else f"{milliseconds:.0f}"


def head(first, names):
    return [row(first, *names), row("---", *["---:"] * len(names))]


def threads_of(run):
    return f"{run['threads']} thread" + ("" if run["threads"] == 1 else "s")


def labels_of(run):
    labels = run["workloads"][0]["engines"]
    return sorted(labels, key=lambda one: (PRECISIONS.index(precision(one)), is_ours(one)))


def mark(label, is_accurate):
    return label if is_accurate(label) else label + " †"


def milliseconds_table(run, is_accurate):
    """The best peer of each precision in bold, among those of the same accuracy."""
    lines = head("", [workload["name"] for workload in run["workloads"]])
    for label in labels_of(run):
        cells = []
        for workload in run["workloads"]:
            fastest = best(workload, lambda one: not is_ours(one) and is_accurate(one)
                           and precision(one) == precision(label))
            cell = number(median(workload["engines"][label]))
            cells.append(f"**{cell}**" if fastest and fastest[1] == label else cell)
        lines.append(row(mark(label, is_accurate), *cells))
    return lines


def ratio_table(results, run, is_accurate):
    lines = head("", [workload["name"] for workload in run["workloads"]])
    for label in filter(is_ours, labels_of(run)):
        cells = []
        for workload in run["workloads"]:
            fastest = best(workload, lambda one: not is_ours(one) and is_accurate(one)
                           and precision(one) == precision(label))
            cells.append(f"{fastest[0] / median(workload['engines'][label]):.2f}×"
                         if fastest else "–")
        lines.append(row(f"best {precision(label)} peer ÷ {label}", *cells))
    for label in filter(is_ours, labels_of(run)):
        shares = [f"{100 * share_of_limit(results, run, workload, label):.0f} %"
                  for workload in run["workloads"]]
        lines.append(row(f"{label}, share of the limit", *shares))
    return lines


def latency_table(run, is_accurate):
    """Of single calls, where they were kept."""
    workloads = [workload for workload in run["workloads"]
                 if all("calls" in engine for engine in workload["engines"].values())]
    if not workloads:
        return []
    lines = head("p50 / p95 / p99, ms", [workload["name"] for workload in workloads])
    for label in labels_of(run):
        cells = []
        for workload in workloads:
            calls = workload["engines"][label]["calls"]
            cells.append(" / ".join(number(percentile(calls, share))
                                    for share in (0.5, 0.95, 0.99)))
        lines.append(row(mark(label, is_accurate), *cells))
    return lines


def agreement(run):
    return "; ".join(f"{label} {values['worst']:.6f} / {values['mean']:.6f}"
                     for label, values in run["agreement"].items()
                     if label != "torch float32" and not is_first_only(label))


def encoder_sections(results):
    is_accurate = accurate(results)
    for run in results["runs"]:
        if not run["workloads"]:
            continue
        yield [f"### {run['model']}: {TITLES[run['model']]}, {threads_of(run)}, median ms", "",
               *milliseconds_table(run, is_accurate), "",
               *ratio_table(results, run, is_accurate), "", *latency_table(run, is_accurate), "",
               f"Cosine of pooled states to PyTorch float32's, worst / mean: {agreement(run)}."]


def giga(value):
    return f"{value / 1e9:.3g}"


def limits_section(results):
    lines = ["### What this machine allows", "",
             *head("", [threads_of(one) for one in results["limits"].values()])]
    for kind in PRECISIONS:
        lines.append(row(f"{kind} products, G/s", *[
            giga(one["operations_per_second"][kind]) for one in results["limits"].values()]))
    for level, title in (("l2", "L2"), ("l3", "L3"), ("memory", "memory")):
        lines.append(row(f"reading {title}, GB/s", *[
            giga(one["bytes_per_second"][level]) for one in results["limits"].values()]))
    vector = next(iter(results["limits"].values()))["vector_ns_per_element"]
    softmax = ", ".join(f"{value:.2f} over {width}" for width, value in
                        sorted(vector["softmax"].items(), key=lambda item: int(item[0])))
    gelu = ", ".join(f"{value:.2f} ({kind})" for kind, value in vector["gelu"].items())
    return [*lines, "", f"Vector work of one thread, ns per element: GELU {gelu}, "
            f"layer norm {vector['layer_norm']:.2f}, softmax {softmax}."]


def start_section(results):
    lines = ["### Cold start and memory, MiniLM-L6, 1 thread", "",
             *head("", ["process to first result, ms", "of it imports", "resident, MB"])]
    for label, one in results["start"].items():
        medians = {key: statistics.median(values) for key, values in one.items()}
        lines.append(row(label, f"{medians['seconds'] * 1e3:.0f}",
                         f"{medians['import_seconds'] * 1e3:.0f}",
                         f"{medians['resident_bytes'] / 1e6:.0f}"))
    return lines


def tokenizer_section(results):
    columns = results["tokenizers"]
    names = [f"{one['language']}, {threads_of(one)}" for one in columns]
    lines = ["### Tokenizers, MB/s", "", *head("", names)]
    for engine in dict.fromkeys(name for one in columns for name in one["engines"]):
        cells = []
        for one in columns:
            measured = one["engines"].get(engine)
            if measured is None:
                cells.append("–")
                continue
            speed = one["megabytes"] / statistics.median(measured["seconds"])
            cells.append(f"{speed:.1f}" + ("" if measured["exact"] else " †"))
        lines.append(row(engine, *cells))
    return [*lines, "", "† Not the ids of Hugging Face's tokenizers."]


def heads_section(results):
    columns = results["heads"]
    names = [f"{one['head']}, {one['texts']}" for one in columns]
    lines = [f"### The four heads, full size, {threads_of(columns[0])}, ms of a call with 1 and 32 "
             "texts", "", *head("", names)]
    for label in columns[0]["engines"]:
        lines.append(row(label, *[number(median(one["engines"][label])) for one in columns]))
    return lines


def inexact(results):
    cosines = {label: worst for label, worst in worst_cosines(results).items()
               if not accurate(results)(label)}
    if not cosines:
        return []
    listed = ", ".join(f"{label} ({worst:.4f})" for label, worst in cosines.items())
    return ["", "† Another class of accuracy, with a worst cosine below 0.995 (int8) or 0.9999 "
            f"(bfloat16): {listed}. Shown, and in no ratio but the seventh column's."]


def markdown(results):
    about = results["machine"]
    loads = [about["load_average"][0], about.get("load_average_after", about["load_average"])[0]]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [f"{about['cpu']}, {about['cores']} cores; {about['system']}; {about['date']}; "
             f"polytag {about['commit']}; {versions}; load average {loads[0]:.1f} before and "
             f"{loads[1]:.1f} after; {results['rounds']} rounds.", "", f"    {about['command']}",
             "", *summary(results), *inexact(results), ""]
    sections = [limits_section(results), *encoder_sections(results)]
    for key, section in (("start", start_section), ("tokenizers", tokenizer_section),
                         ("heads", heads_section)):
        if results[key]:
            sections.append(section(results))
    return "\n".join(lines) + "\n" + "\n\n".join("\n".join(section) for section in sections) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(markdown(json.load(file)))
