#!/usr/bin/env python3
"""Pages of Markdown tables, one for each subject, from the JSON that run.py writes.

usage: tables.py RESULTS.json DIRECTORY
"""

import json
import pathlib
import statistics
import sys
import textwrap

from results import (HEAD_NAMES, PRECISIONS, TITLES, accurate, best, is_first_only, is_ours, median,
                     percentile, precision, share_of_limit, worst_cosines)
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
    """Percentiles of single calls, where they were kept."""
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


def agreement_table(run):
    lines = [row("", "worst", "mean"), row("---", "---:", "---:")]
    for label, values in run["agreement"].items():
        if label != "torch float32" and not is_first_only(label):
            lines.append(row(label, f"{values['worst']:.6f}", f"{values['mean']:.6f}"))
    return lines


def paragraph(text):
    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)


def model_page(results, runs):
    is_accurate = accurate(results)
    lines = [f"# {TITLES[runs[0]['model']]} beside its peers", "",
             *paragraph("`8×64` is a call with 8 texts of 64 tokens. `polytag` computes all rows "
                        "of the last layer, as the peers do; `polytag [CLS]` computes those that "
                        "a classifier reads, as `classify()` does."), *inexact(results)]
    for run in runs:
        lines += ["", f"## {threads_of(run)}", "",
                  "Milliseconds of a call, median; in bold the best peer of each precision, † "
                  "aside:", "", *milliseconds_table(run, is_accurate), "",
                  "Best peer's time ÷ polytag's; the limit's time as a share of polytag's:", "",
                  *ratio_table(results, run, is_accurate)]
        latencies = latency_table(run, is_accurate)
        if latencies:
            lines += ["", "Single calls:", "", *latencies]
        lines += ["", "Cosine of pooled states to those of PyTorch in float32:", "",
                  *agreement_table(run)]
    return lines


def giga(value):
    return f"{value / 1e9:.3g}"


def machine_page(results):
    about = results["machine"]
    loads = [about["load_average"][0], about.get("load_average_after", about["load_average"])[0]]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = ["# The machine, and what it allows", "",
             *paragraph(f"{about['cpu']}, {about['cores']} cores; {about['system']}; "
                        f"{about['date']}; polytag {about['commit']}; {versions}; load average "
                        f"{loads[0]:.1f} before and {loads[1]:.1f} after; {results['rounds']} "
                        "rounds."), "", f"    {about['command']}", "",
             "The limits that `machine_limits` measured in the same run:", "",
             *head("", [threads_of(one) for one in results["limits"].values()])]
    for kind in PRECISIONS:
        lines.append(row(f"{kind} products, G/s", *[
            giga(one["operations_per_second"][kind]) for one in results["limits"].values()]))
    for level, title in (("l2", "L2"), ("l3", "L3"), ("memory", "memory")):
        lines.append(row(f"reading {title}, GB/s", *[
            giga(one["bytes_per_second"][level]) for one in results["limits"].values()]))
    vector = next(iter(results["limits"].values()))["vector_ns_per_element"]
    lines += ["", "Vector work of one thread:", "", row("", "ns per element"), row("---", "---:")]
    lines += [row(f"GELU, {kind}", f"{value:.2f}") for kind, value in vector["gelu"].items()]
    lines.append(row("layer norm", f"{vector['layer_norm']:.2f}"))
    return lines + [row(f"softmax over {width}", f"{value:.2f}") for width, value in
                    sorted(vector["softmax"].items(), key=lambda item: int(item[0]))]


def start_page(results):
    lines = ["# Cold start and memory", "", "MiniLM-L6 on one thread, in a process of its own:", "",
             *head("", ["process to first result, ms", "of it imports", "resident, MB"])]
    for label, one in results["start"].items():
        medians = {key: statistics.median(values) for key, values in one.items()}
        lines.append(row(label, f"{medians['seconds'] * 1e3:.0f}",
                         f"{medians['import_seconds'] * 1e3:.0f}",
                         f"{medians['resident_bytes'] / 1e6:.0f}"))
    return lines


def tokenizer_page(results):
    columns = results["tokenizers"]
    names = [f"{one['language']}, {threads_of(one)}" for one in columns]
    lines = ["# Tokenizers", "", "Megabytes of text a second:", "", *head("", names)]
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
    return [*lines, "", "† The ids differ from those of Hugging Face's tokenizers."]


def heads_page(results):
    columns = results["heads"]
    programs = ", ".join(f"{name} ({program})" for program, name in HEAD_NAMES.items()
                         if program != name)
    lines = ["# The four heads beside the replaced system", "",
             *paragraph("Full size. polytag's names of the heads, with those of the original "
                        f"programs where they differ: {programs}."), "",
             f"Milliseconds of a call with 1 and 32 texts, {threads_of(columns[0])}:", "",
             *head("", [f"{HEAD_NAMES[one['head']]}, {one['texts']}" for one in columns])]
    for label in columns[0]["engines"]:
        lines.append(row(label, *[number(median(one["engines"][label])) for one in columns]))
    return lines


def inexact(results):
    cosines = {label: worst for label, worst in worst_cosines(results).items()
               if not accurate(results)(label)}
    if not cosines:
        return []
    listed = ", ".join(f"{label} ({worst:.4f})" for label, worst in cosines.items())
    return ["", *paragraph("† marks another class of accuracy, with a worst cosine on MiniLM below "
                           f"0.995 (int8) or 0.9999 (bfloat16): {listed}. These engines are shown, "
                           "and only the targets' column \"less exact peers included\" counts "
                           "them.")]


def targets_page(results):
    return ["# Targets", "",
            "What was to be reached, and what was. Ratios are the best peer's time ÷ polytag's.",
            "", *summary(results), *inexact(results)]


def pages(results):
    """The lines of each page, by its name."""
    found = {"machine": machine_page(results), "targets": targets_page(results)}
    measured = [run for run in results["runs"] if run["workloads"]]
    for model in dict.fromkeys(run["model"] for run in measured):
        name = TITLES[model].lower().replace("-", "_")
        found[name] = model_page(results, [run for run in measured if run["model"] == model])
    for key, name, page in (("start", "cold_start", start_page),
                            ("tokenizers", "tokenizers", tokenizer_page),
                            ("heads", "heads", heads_page)):
        if results[key]:
            found[name] = page(results)
    return found


def write(results, directory):
    directory.mkdir(parents=True, exist_ok=True)
    for name, lines in pages(results).items():
        (directory / f"{name}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        write(json.load(file), pathlib.Path(sys.argv[2]))
