#!/usr/bin/env python3
"""Gives the program more and more rows, ever longer texts, and models of ever more labels.

usage: large_inputs.py PROGRAM [--rows N] [--text-megabytes N] [--labels N]

Each kind of input grows in steps of two, or ten for labels, up to the numbers given. Prints processor time and peak memory of
each step, and fails where a part that must be flat or linear is not: memory over rows, time per row, per byte and per label.
A tiny model with random weights stands for a real one.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

from tiny_model import WORDS, write_model

TINY_MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tiny_model.py")
MEGABYTE = 1 << 20
# Between a step and the next, of what should stay the same: time is noisy on a shared machine.
FLAT_MEMORY, LINEAR_TIME = 1.1, 1.6


class Cost:
    def __init__(self, program, *arguments):
        """@raises SystemExit if the program fails"""
        with open(os.devnull, "w") as nowhere:
            process = subprocess.Popen([program, *arguments], stdout=nowhere, stderr=subprocess.PIPE, text=True)
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(arguments)}: exit code {process.returncode}\n{errors}")
        self.seconds = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024


def write_rows(path, rows):
    generator = random.Random(5)
    block = ["".join(" ".join(generator.choices(WORDS, k=generator.randint(0, 12))) + "\n" for _ in range(1000))
             for _ in range(16)]
    with open(path, "w") as file:
        for thousand in range(rows // 1000):
            file.write(block[thousand % len(block)])


def write_text(path, megabytes):
    sentences = (" ".join(WORDS) + " ") * 1000
    with open(path, "w") as file:
        for _ in range(megabytes * MEGABYTE // len(sentences)):
            file.write(sentences)
        file.write("\n")


class Table:
    """Rows of one kind of input; what breaks a promise is kept until all are measured."""
    def __init__(self):
        self.broken = []
        print("| input | processor time, s | peak memory, MiB |\n|---|---:|---:|")

    def series(self, names_and_costs, flat_memory, per_step):
        before = None
        for name, cost in names_and_costs:
            print(f"| {name} | {cost.seconds:.2f} | {cost.megabytes:.0f} |", flush=True)
            if before is not None:
                if flat_memory and cost.megabytes > FLAT_MEMORY * before.megabytes:
                    self.broken.append(f"{name}: {cost.megabytes:.0f} MiB after {before.megabytes:.0f}")
                if cost.seconds > LINEAR_TIME * per_step * before.seconds:
                    self.broken.append(f"{name}: {cost.seconds:.2f} s after {before.seconds:.2f}")
            before = cost


def steps(most, factor, count):
    return [most // factor ** power for power in reversed(range(count))]


def measure(program, most):
    model = "model"
    write_model(model)
    table = Table()

    def rows():
        for count in steps(most.rows, 2, 4):
            write_rows("rows.txt", count)
            yield f"{count:,} rows, scores", Cost(program, "scores", model, "--input", "rows.txt")
        os.remove("rows.txt")

    def texts(*options):
        for megabytes in steps(most.text_megabytes, 2, 3):
            write_text("text.txt", megabytes)
            name = f"a text of {megabytes} MiB" + ("" if not options else ", in windows of 64 tokens")
            yield name, Cost(program, "scores", model, "--input", "text.txt", *options)
        os.remove("text.txt")

    def labels():
        for count in steps(most.labels, 10, 3):
            # By another process: what this one once held would count as its children's peak.
            subprocess.run([sys.executable, TINY_MODEL, "labels", str(count)], check=True)
            write_rows("rows.txt", 1000)
            yield f"{count:,} labels, 1,000 rows", Cost(program, "classify", "labels", "--input", "rows.txt",
                                                        "--threshold", "0.999999")

    table.series(rows(), flat_memory=True, per_step=2)
    table.series(texts(), flat_memory=False, per_step=2)
    table.series(texts("--window-overlap", "8"), flat_memory=False, per_step=2)
    table.series(labels(), flat_memory=False, per_step=10)
    return table.broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--text-megabytes", type=int, default=100)
    parser.add_argument("--labels", type=int, default=1_000_000)
    most = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        broken = measure(most.program, most)
        os.chdir("/")
    for one in broken:
        print("not flat or not linear:", one)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
