#!/usr/bin/env python3
"""Runs polytag beside its peers, and beside what this machine allows at best.

ONNX Runtime, OpenVINO, CTranslate2 and PyTorch hold the same models and get the same token ids or
texts on the same number of threads; tokenizers get the same texts; TensorFlow runs the predict path
of the system that polytag replaces. Each lives in a process of its own, and they take turns in
rounds, so that what the machine does meanwhile hits all of them alike.

Everything that is needed is made under build/beside_peers on the first run and kept. Only Python's
standard library is needed to start this script, and npm for the texts. See README.md beside it.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import accuracy
import charts
import compare_heads
import engines
import limits
import measure
import start
import tables
import workloads
from prepare import HERE, ROOT, TENSORFLOW_PYTHON, WORK, machine, prepare, say

PARTS = ("encoders", "texts", "start", "tokenizers", "heads")


def measure_model(model, threads, arguments, results, save):
    say(f"{model}, {threads} threads: starting the engines")
    started = engines.start(model, threads, arguments.precisions, arguments.backend)
    run = {"model": model, "threads": threads, "agreement": accuracy.agreement(model, started),
           "workloads": []}
    results["runs"].append(run)
    for one in workloads.workloads(model, arguments.shapes, "encoders" in arguments.parts,
                                   "texts" in arguments.parts):
        say(f"{model}, {threads} threads: {one['name']}")
        load = one.pop("load")
        if one["kind"] == "texts":
            accuracy.check_texts(model, started, load)
        one["lengths"] = started[0].ask("load", **load)["lengths"]
        one["engines"] = measure.measure(started, load, arguments.rounds, one.pop("with_calls"))
        run["workloads"].append(one)
        save()
    for engine in started:
        engine.close()


def measure_tokenizers(threads, rounds, megabytes):
    say(f"tokenizers, {threads} threads")
    command = [TENSORFLOW_PYTHON, HERE / "compare_tokenizers.py", str(threads), str(rounds),
               str(megabytes)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE,
                                     env=engines.environment(threads)).stdout.splitlines()[-1])


def parse_shape(text):
    batch, length = text.lower().split("x")
    return int(batch), int(length)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--models", nargs="+", default=["M1", "M2", "M3"],
                        choices=["M1", "M2", "M3"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--shapes", nargs="+", type=parse_shape, metavar="BATCHxLENGTH",
                        help="instead of each model's own")
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16", "int8"],
                        choices=["float32", "bfloat16", "int8"], help="of polytag")
    parser.add_argument("--backend", default="native", help="of polytag: native, eigen, onednn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=4, help="of texts for tokenizers")
    parser.add_argument("--output", type=pathlib.Path, default=WORK / "results.json")
    parser.add_argument("--charts", type=pathlib.Path, default=ROOT / "docs" / "images",
                        help="directory that the charts are written to")
    return parser.parse_args()


def measure_all(arguments, results, save):
    say("the machine's limits")
    results["limits"] = limits.measure(arguments.threads)
    if "encoders" in arguments.parts or "texts" in arguments.parts:
        for model in arguments.models:
            results["sizes"][model] = limits.sizes(model)
            for threads in arguments.threads:
                measure_model(model, threads, arguments, results, save)
    if "start" in arguments.parts:
        say("cold start")
        results["start"] = start.measure(arguments.rounds)
    if "tokenizers" in arguments.parts:
        for threads in arguments.threads:
            results["tokenizers"] += measure_tokenizers(threads, arguments.rounds,
                                                        arguments.megabytes)
            save()
    if "heads" in arguments.parts:
        results["heads"] = compare_heads.measure(max(arguments.threads), arguments.rounds)


def main():
    arguments = parse_arguments()
    models = arguments.models if {"encoders", "texts"} & set(arguments.parts) else []
    models = sorted({*models, "M1"}) if "start" in arguments.parts else models
    prepare(models, arguments.parts)
    results = {"machine": machine(sys.argv[1:]), "rounds": arguments.rounds, "limits": {},
               "sizes": {}, "runs": [], "start": {}, "tokenizers": [], "heads": []}

    def save():
        results["machine"]["load_average_after"] = os.getloadavg()
        arguments.output.write_text(json.dumps(results))

    measure_all(arguments, results, save)
    save()
    pages = arguments.output.with_suffix("")
    tables.write(results, pages)
    charts.write(results, arguments.charts)
    print((pages / "targets.md").read_text())


if __name__ == "__main__":
    main()
