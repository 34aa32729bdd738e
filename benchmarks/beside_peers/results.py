"""Questions that tables and charts ask of the JSON that run.py writes."""

import dataclasses
import statistics

import limits

PRECISIONS = ("float32", "bfloat16", "int8")
TITLES = {"M1": "MiniLM-L6", "M2": "ALBERT-small", "M3": "BERT-base"}
# polytag's names of the heads, by those of the original programs.
HEAD_NAMES = {"base": "cls_dense", "denses": "binary_relevance", "textcnn": "text_cnn",
              "seq2seq": "seq2seq"}
# Whose pooled states are farther from float32's than this, on real text, is shown but competes in
# another class: it answers another question.
LEAST_COSINE = {"float32": 0.99999, "bfloat16": 0.9999, "int8": 0.995}


def is_ours(label):
    return label.startswith("polytag")


def is_first_only(label):
    return "[CLS]" in label


def precision(label):
    return next(name for name in PRECISIONS if name in label)


def median(engine):
    """Milliseconds of a pass through a workload."""
    return statistics.median(engine["turns"])


def percentile(values, share):
    """By nearest rank, as `polytag bench` has it."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def worst_cosines(results):
    """By engine, on the real weights of M1 if they were measured."""
    runs = sorted(results["runs"], key=lambda run: run["model"] != "M1")
    return {label: values["worst"]
            for run in runs[:1] for label, values in run["agreement"].items()}


def accurate(results):
    """A test of engines: whether they are of the class that ratios compare."""
    cosines = worst_cosines(results)

    def test(label):
        return cosines.get(label.replace(" [CLS]", ""), 1) >= LEAST_COSINE[precision(label)]

    return test


def best(workload, test):
    """The fastest of the engines that pass the test, and its milliseconds; or None."""
    passed = [(median(engine), label) for label, engine in workload["engines"].items()
              if test(label)]
    return min(passed, default=None)


@dataclasses.dataclass
class Ratio:
    """Best peer's time over polytag's, and what it would be over the machine's limit."""
    where: str
    ours: str
    peer: str
    value: float
    at_limit: float


def ratio(results, run, workload, ours, peers):
    """Of the best of ours to the best of the peers; None where either is missing."""
    our, other = best(workload, ours), best(workload, peers)
    if our is None or other is None:
        return None
    threads = "1 thread" if run["threads"] == 1 else f"{run['threads']} threads"
    where = f"{TITLES[run['model']]} {workload['name']}, {threads}"
    value = other[0] / our[0]
    return Ratio(where, our[1], other[1], value,
                 value / share_of_limit(results, run, workload, our[1]))


def limit_seconds(results, run, workload, label):
    """Of a pass through the workload, or of each call where texts come one by one."""
    machine = results["limits"][str(run["threads"])]
    size = results["sizes"][run["model"]]
    calls = ([[n] for n in workload["lengths"]] if "one by one" in workload["name"]
             else [workload["lengths"]])
    first_only = is_first_only(label)
    return sum(limits.seconds(size, precision(label), lengths, first_only, machine)["limit"]
               for lengths in calls)


def share_of_limit(results, run, workload, label):
    return limit_seconds(results, run, workload, label) * 1e3 / median(workload["engines"][label])


def each_workload(results, models=None, threads=None):
    for run in results["runs"]:
        if models is not None and run["model"] not in models:
            continue
        if threads is None or run["threads"] == threads:
            for workload in run["workloads"]:
                yield run, workload
