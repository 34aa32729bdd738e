"""The table of targets: what was to be shown, and what was."""

import statistics

from results import (HEAD_NAMES, accurate, best, each_workload, is_first_only, is_ours, median,
                     percentile, precision, ratio, share_of_limit)


def shapes(*wanted):
    return lambda workload: workload["kind"] == "shape" and (
        not wanted or (workload["batch"], workload["length"]) in wanted)


def named(name):
    return lambda workload: workload["name"] == name


FIXED = [(b, n) for b in (1, 8, 32) for n in (16, 64, 128)]
BATCHED = [(b, n) for b in (8, 32) for n in (16, 64, 128)]
# Title, precisions of polytag and of its peers, models, threads, workloads, ratio to reach for each
# and for the mean.
FAST, ANY = ("bfloat16", "int8"), ("float32", "bfloat16", "int8")
RATIOS = [
    ("float32, all fixed shapes", ("float32",), ("M1", "M2"), None, shapes(*FIXED), 1.15, 1.25),
    ("bf16 or int8, batches of 8 and 32", FAST, ("M1", "M2"), 1, shapes(*BATCHED), 1.8, 2.0),
    ("the same", FAST, ("M1", "M2"), 2, shapes(*BATCHED), 2.0, None),
    ("one text of 16 tokens, MiniLM", FAST, ("M1",), 1, shapes((1, 16)), 1.8, None),
    ("the same", FAST, ("M1",), 2, shapes((1, 16)), 2.2, None),
    ("one text of 64 or 128 tokens", FAST, ("M1", "M2"), 1, shapes((1, 64), (1, 128)), 2.0, None),
    ("the same", FAST, ("M1", "M2"), 2, shapes((1, 64), (1, 128)), 2.5, None),
    ("BERT-base, 1×128, 8×128, 1×512", FAST, ("M3",), None, shapes(), 1.5, None),
    ("Chinese reviews end to end, in order", FAST, ("M2",), None, named("reviews"), 3.5, None),
    ("the same texts one by one", FAST, ("M2",), None, named("reviews, one by one"), 2.0, None),
    ("Reuters news end to end", FAST, ("M1",), None, named("news"), 2.2, None),
]
HEADS = {"base": 30, "denses": 30, "textcnn": 12, "seq2seq": 12}


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def spread(values, unit="×"):
    """Lowest to highest, and the mean of several."""
    if not values:
        return "–"
    low, high = min(values), max(values)
    if len(values) == 1:
        return f"{low:.2f}{unit}"
    return f"{low:.2f}–{high:.2f}{unit}, mean {statistics.mean(values):.2f}"


def met(values, each, mean=None):
    if not values:
        return "not measured"
    reached = min(values) >= each and (mean is None or statistics.mean(values) >= mean)
    return "yes" if reached else "no"


def ratios(results, precisions, models, threads, test, first_only, peers):
    is_accurate = accurate(results)
    # Whatever is exact may stand in for bf16 and int8, where it is faster than they are.
    allowed = precisions if precisions == ("float32",) else ANY
    found = [ratio(results, run, workload,
                   lambda label: is_ours(label) and is_first_only(label) == first_only
                   and precision(label) in allowed and is_accurate(label),
                   lambda label: not is_ours(label) and precision(label) in allowed
                   and peers(label))
             for run, workload in each_workload(results, models, threads) if test(workload)]
    return [one for one in found if one is not None]


def ratio_rows(results):
    is_accurate = accurate(results)
    for title, precisions, models, threads, test, each, mean in RATIOS:
        def of(first_only, peers):
            return ratios(results, precisions, models, threads, test, first_only, peers)

        first, everything = of(True, is_accurate), of(False, is_accurate)
        inexact = of(True, lambda label: True)
        values = [one.value for one in first]
        count = {1: ", 1 thread", None: ""}.get(threads, f", {threads} threads")
        target = f"≥ {each} each" + (f", ≥ {mean} mean" if mean else "")
        yield row(title + count, target, spread(values), met(values, each, mean),
                  spread([one.at_limit for one in first]),
                  spread([one.value for one in everything]), spread([one.value for one in inexact]),
                  ", ".join(sorted({one.peer for one in first})) or "–")


def latency_row(results):
    values = []
    for run, workload in each_workload(results, ("M1",)):
        if shapes((1, 16))(workload):
            our = best(workload, lambda label: is_ours(label) and is_first_only(label)
                       and accurate(results)(label))
            if our is not None:
                calls = workload["engines"][our[1]]["calls"]
                values.append(percentile(calls, 0.99) / percentile(calls, 0.5))
    reached = "not measured" if not values else "yes" if max(values) <= 2 else "no"
    return row("one text of 16 tokens, MiniLM: p99 ÷ median", "≤ 2", spread(values), reached, "",
               "", "", "")


def limit_row(results):
    def shares(first_only):
        return [100 * share_of_limit(results, run, workload, label)
                for run, workload in each_workload(results, ("M1", "M2"))
                if shapes((8, 128), (32, 128))(workload)
                for label in workload["engines"]
                if is_ours(label) and is_first_only(label) == first_only
                and precision(label) != "float32"]

    first, everything = shares(True), shares(False)
    return row("share of the practical limit, 8×128 and 32×128, bf16 and int8", "≥ 80 %",
               spread(first, " %"), met(first, 80), "", spread(everything, " %"), "", "")


def head_rows(results):
    for head, target in HEADS.items():
        values = []
        for one in results["heads"]:
            if one["head"] == head:
                engines = one["engines"]
                values.append(median(engines["TensorFlow float32"])
                              / median(engines["polytag bfloat16"]))
        title = f"{HEAD_NAMES[head]} against the replaced system, bf16, 2 threads, 1 and 32 texts"
        yield row(title, f"≥ {target}", spread(values), met(values, target), "", "", "",
                  "TensorFlow 2.21")


def tokenizer_rows(results):
    """Against Hugging Face, the fastest exact peer, the fastest of all."""
    def against(test):
        values, names = [], set()
        for one in results["tokenizers"]:
            engines = one["engines"]
            passed = {name: statistics.median(engine["seconds"]) for name, engine in engines.items()
                      if name != "polytag" and test(name, engine)}
            if passed:
                fastest = min(passed, key=passed.get)
                names.add(fastest)
                values.append(passed[fastest] / statistics.median(engines["polytag"]["seconds"]))
        return values, ", ".join(sorted(names))

    for title, target, test in (
            ("Hugging Face", 20, lambda name, engine: name == "tokenizers"),
            ("the fastest exact one", 4, lambda name, engine: engine["exact"]),
            ("the fastest, exact or not", 1.1, lambda name, engine: True)):
        values, names = against(test)
        yield row(f"tokenizer against {title}", f"≥ {target}", spread(values),
                  met(values, target), "", "", "", names)


def summary(results):
    lines = [row("what", "to reach", "reached, [CLS] rows", "met", "[CLS] rows at the limit",
                 "reached, all rows", "[CLS] rows, less exact peers included", "best peer"),
             row(*["---"] * 8)]
    lines += ratio_rows(results)
    lines += [latency_row(results)] + list(head_rows(results)) + list(tokenizer_rows(results))
    return lines + [limit_row(results)]
