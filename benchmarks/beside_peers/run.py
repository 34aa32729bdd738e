#!/usr/bin/env python3
"""Runs polytag's encoder beside ONNX Runtime, OpenVINO, CTranslate2 and PyTorch.

Each engine lives in a process of its own and holds the same model with the same token ids and
number of threads; they take turns in rounds, so that what the machine does meanwhile hits all of
them alike. Reported is the median over the rounds. Outputs are compared before anything is timed.

Everything that is needed is made under build/beside_peers on the first run and kept: a virtual
environment with the peers (some 6 GB: PyTorch brings CUDA along), models, and the driver. Only the
standard library is needed to start this script. See README.md beside it.
"""

import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import time

import tables

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "beside_peers"
PYTHON = WORK / "venv" / "bin" / "python"
REVIEWS = ROOT.parent / "shared" / "golden" / "tf" / "base" / "golden.json"

PEERS = [("torch", "float32"), ("torch", "bfloat16"), ("onnxruntime", "float32"),
         ("onnxruntime", "float32 fused"), ("onnxruntime", "int8"), ("openvino", "float32"),
         ("openvino", "bfloat16"), ("ctranslate2", "float32"), ("ctranslate2", "int8")]
SHORTEST_TURN = 0.2   # seconds; faster calls are repeated
SETTLE = 0.005        # seconds for threads of the engine before to stop spinning
LEAST_COSINE = {"float32": 0.99999, "bfloat16": 0.999, "int8": 0.9}


class Engine:
    """A child process with one engine and one model."""

    def __init__(self, name, precision, command):
        self.name = name
        self.precision = precision.split()[0]
        self.label = f"{name} {precision}"
        # AVX-512 is CTranslate2's faster path here, and not the one it chooses on AMD's CPUs.
        environment = os.environ | {"CT2_FORCE_CPU_ISA": "AVX512"} if has_avx512() else None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.label} ended with status {self.process.wait()}; "
                               f"try it by hand: {' '.join(map(str, self.process.args))}")
        return json.loads(line)

    def ask(self, command, **fields):
        self.process.stdin.write(json.dumps({"command": command, **fields}) + "\n")
        self.process.stdin.flush()
        return self.read()

    def run(self, times):
        """The median of some calls, less the first half: there, threads find their cores."""
        milliseconds = self.ask("run", times=times)["milliseconds"]
        return statistics.median(milliseconds[times // 2:])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def has_avx512():
    return "avx512f" in pathlib.Path("/proc/cpuinfo").read_text()


def say(text):
    print(f"[{datetime.datetime.now():%H:%M:%S}] {text}", file=sys.stderr, flush=True)


def prepare(models):
    """The virtual environment, the driver and the models."""
    requirements = HERE / "requirements.txt"
    done = WORK / "venv" / "installed.txt"
    if not done.exists() or done.read_text() != requirements.read_text():
        say("installing the peers")
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "-r", requirements], check=True)
        done.write_text(requirements.read_text())
    say("building the driver")
    subprocess.run(["cmake", "--preset", "bench"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "bench", "--target", "peer_driver"], cwd=ROOT,
                   check=True, stdout=subprocess.DEVNULL)
    stand_ins = ["M2-bert"] if "M2" in models else []
    subprocess.run([PYTHON, HERE / "models.py", WORK / "models", *models, *stand_ins], check=True)


def start_engines(model, threads, precisions, backend):
    directory = WORK / "models" / model
    driver = ROOT / "build" / "bench" / "benchmarks" / "peer_driver"
    engines = [Engine(name, precision, [PYTHON, HERE / "engine.py", name, precision, directory,
                                        str(threads)]) for name, precision in PEERS]
    for precision in precisions:
        for rows, name in (("all", "polytag"), ("first", "polytag [CLS]")):
            engines.append(Engine(name, precision, [driver, backend, precision, directory,
                                                    str(threads), rows]))
    return engines


def random_ids(generator, length):
    return [generator.randrange(1000, 20000) for _ in range(length)]


def cosine(a, b):
    return (sum(x * y for x, y in zip(a, b)) /
            math.sqrt(sum(x * x for x in a) * sum(y * y for y in b)))


def verify(model, engines):
    """The worst cosine between each engine's [CLS] states and PyTorch's float32 ones."""
    generator = random.Random(1)
    batch = [random_ids(generator, length) for length in (12, 40, 7, 40)]
    results = {}
    for engine in engines:
        engine.ask("load", batches=[batch])
        results[engine.label] = engine.ask("first")["first"]
    reference = results["torch float32"]
    agreement = {}
    for engine in engines:
        if model == "M2" and engine.name == "ctranslate2":
            continue  # it runs the stand-in
        found = results[engine.label]
        worst = min(cosine(a, b) for a, b in zip(found, reference))
        agreement[engine.label] = {
            "cosine": worst,
            "difference": max(abs(x - y) for a, b in zip(found, reference) for x, y in zip(a, b))}
        if not worst > LEAST_COSINE[engine.precision]:
            raise RuntimeError(f"{model}: {engine.label} disagrees with PyTorch: {worst}")
    return agreement


def workloads(model, shapes):
    """Pairs of a name and the fields of a load command."""
    generator = random.Random(2)
    all_of_them = []
    for batch, length in shapes:
        ids = [random_ids(generator, length) for _ in range(batch)]
        all_of_them.append((f"{batch}×{length}", dict(batches=[ids])))
    if model == "M2" and REVIEWS.exists():
        records = json.loads(REVIEWS.read_text())["records"]
        lengths = [min(len(record["tokens_untruncated"]) + 2, 128) for record in records]
        reviews = [random_ids(generator, length) for length in lengths]
        by_length = sorted(reviews, key=len)
        cut = lambda all_ids: [all_ids[i:i + 32] for i in range(0, len(all_ids), 32)]
        all_of_them += [("reviews, in order", dict(batches=cut(reviews), any_order=True)),
                        ("reviews, sorted", dict(batches=cut(by_length), any_order=True)),
                        ("reviews, one by one", dict(batches=[[one] for one in reviews]))]
    return all_of_them


def measure(engines, load, rounds):
    """The milliseconds of each round, by engine."""
    times = {}
    for engine in engines:
        engine.ask("load", **load)
        engine.run(1)
        estimate = engine.run(1) / 1e3
        times[engine.label] = max(1, math.ceil(SHORTEST_TURN / max(estimate, 1e-5)))
    measured = {engine.label: [] for engine in engines}
    for turn in range(rounds):
        for engine in engines[turn % len(engines):] + engines[:turn % len(engines)]:
            time.sleep(SETTLE)
            measured[engine.label].append(engine.run(times[engine.label]))
    return measured


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = {line.split(":")[1].strip() for line in lines if line.startswith("model name")}
    versions = subprocess.run(
        [PYTHON, "-c", "import importlib.metadata as m;print(', '.join(f'{p} {m.version(p)}' for p in "
         "('torch','onnxruntime','openvino','ctranslate2','transformers')))"],
        capture_output=True, text=True, check=True).stdout.strip()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                            capture_output=True, text=True).stdout.strip()
    return {"cpu": ", ".join(sorted(names)), "cores": os.cpu_count(), "system": platform.platform(),
            "versions": versions, "commit": commit, "load_average": os.getloadavg(),
            "date": datetime.datetime.now().isoformat(timespec="minutes"),
            "command": " ".join(["benchmarks/beside_peers/run.py", *sys.argv[1:]])}


def parse_shape(text):
    batch, length = text.lower().split("x")
    return int(batch), int(length)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", default=["M1", "M2", "M3"], choices=["M1", "M2", "M3"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--shapes", nargs="+", type=parse_shape, metavar="BATCHxLENGTH",
                        default=[(b, n) for b in (1, 8, 32) for n in (16, 64, 128)])
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16", "int8"],
                        choices=["float32", "bfloat16", "int8"], help="of polytag")
    parser.add_argument("--backend", default="native", help="of polytag: native, eigen, onednn")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=pathlib.Path, default=WORK / "results.json")
    arguments = parser.parse_args()

    prepare(arguments.models)
    results = {"machine": machine(), "rounds": arguments.rounds, "runs": []}
    for model in arguments.models:
        for threads in arguments.threads:
            say(f"{model}, {threads} threads: starting the engines")
            engines = start_engines(model, threads, arguments.precisions, arguments.backend)
            run = {"model": model, "threads": threads, "agreement": verify(model, engines),
                   "workloads": {}}
            results["runs"].append(run)
            for name, load in workloads(model, arguments.shapes):
                say(f"{model}, {threads} threads: {name}")
                run["workloads"][name] = measure(engines, load, arguments.rounds)
                arguments.output.write_text(json.dumps(results, indent=1))
            for engine in engines:
                engine.close()
    results["machine"]["load_average_after"] = os.getloadavg()
    arguments.output.write_text(json.dumps(results, indent=1))
    text = tables.markdown(results)
    arguments.output.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
