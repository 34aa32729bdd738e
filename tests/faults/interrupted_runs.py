#!/usr/bin/env python3
"""Interrupts bulk runs of the program at random moments and in many ways, and checks what is left.

usage: interrupted_runs.py PROGRAM [--trials N] [--seed S] [--only NAME]

After every fault there is either no output under its name or the whole of it; with --resume, repeating the command
ends with the very bytes of an undisturbed run. The table at the end counts trials and outcomes; one wrong outcome ends
the campaign with an error. A tiny model with random weights stands for a real one.
"""

import argparse
import collections
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tiny_model import WORDS, write_model

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def text(generator):
    return " ".join(generator.choice(WORDS) for _ in range(generator.randint(0, 12)))


def write_inputs(generator, rows):
    """Lines; JSONL with rows that are skipped; CSV with line breaks in its fields."""
    with open("a.txt", "w") as file:
        file.writelines(text(generator) + "\n" for _ in range(rows))
    with open("b.jsonl", "w") as file:
        for row in range(rows):
            broken = generator.random() < 0.01
            file.write("{\"txt\": 1}\n" if broken else json.dumps({"id": row, "text": text(generator)}) + "\n")
    with open("c.csv", "w", newline="") as file:
        file.write("id,text\r\n")
        for row in range(rows):
            file.write(f"{row},\"{text(generator)}\nof \"\"{text(generator)}\"\"\"\r\n")


# What a user would run: each has another way through readers and formats.
COMMANDS = {
    "scores, lines": ["scores", "model", "--input", "a.txt"],
    "classify, JSONL with bad rows": ["classify", "model", "--input", "b.jsonl", "--keep-going", "--threshold", "0.6"],
    "classify, three files": ["classify", "model", "--input", "a.txt", "--input", "b.jsonl", "--input", "c.csv",
                              "--keep-going", "--format", "csv"],
    "tokenize, CSV to CSV": ["tokenize", "model", "--input", "c.csv", "--text-column", "text"],
}


class Campaign:
    def __init__(self, program, seed):
        self.program = os.path.abspath(program)
        self.random = random.Random(seed)
        self.outcomes = collections.defaultdict(collections.Counter)
        self.references = {}

    def arguments(self, name, output, resume):
        ending = ".csv" if name.endswith("CSV") else ".jsonl"
        return [self.program, *COMMANDS[name], "--output", output + ending, *(["--resume"] if resume else [])], \
            output + ending

    def prepare(self):
        """Undisturbed runs: their outputs, exit codes and durations."""
        for name in COMMANDS:
            command, output = self.arguments(name, "reference", False)
            start = time.monotonic()
            code = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
            with open(output, "rb") as file:
                self.references[name] = (file.read(), code, time.monotonic() - start)
            os.remove(output)
            self.expect(code in (0, 5) and self.references[name][0], name, f"undisturbed run ended with {code}")

    def expect(self, condition, fault, what):
        if not condition:
            sys.exit(f"{fault}: {what}; files are left in {os.getcwd()}")

    def start(self, command, **options):
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)

    def interrupted(self, command, duration, signals):
        """@return the exit code of a run that got one of the signals, if it lived so long"""
        process = self.start(command)
        time.sleep(self.random.random() * duration * 1.1)
        process.send_signal(self.random.choice(signals))
        errors = process.communicate()[1]
        self.expect(b"defect" not in errors and b"another run" not in errors, command, errors)
        return process.returncode

    def whole_or_nothing(self, fault, name, output, code, allowed):
        """@return whether the output is there"""
        reference, done, _ = self.references[name]
        self.expect(code in (done, *allowed), fault, f"{name} ended with {code}")
        there = os.path.exists(output)
        # SIGKILL may come between the output's getting its name and the end.
        self.expect(there == (code == done) or (there and code == -signal.SIGKILL), fault,
                    f"{name} ended with {code}, output {'there' if there else 'missing'}")
        if there:
            with open(output, "rb") as file:
                self.expect(file.read() == reference, fault, f"{name}: another output")
            os.remove(output)
        return there

    def finished(self, fault, name, output):
        """Repeats a run with --resume until it is done. Everything but the output has to be gone then."""
        command, output = self.arguments(name, output, True)
        code = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
        self.expect(self.whole_or_nothing(fault, name, output, code, ()), fault, f"{name}: no output at the end")
        self.expect_tidy(fault)

    def expect_tidy(self, fault):
        left = [name for name in os.listdir(".") if ".partial" in name]
        self.expect(not left, fault, f"left behind: {left}")

    def count(self, fault, outcome):
        self.outcomes[fault][outcome] += 1

    # The faults. Each is one trial.

    def signal_without_resume(self, fault):
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "out", False)
        code = self.interrupted(command, self.references[name][2], SIGNALS)
        there = self.whole_or_nothing(fault, name, output, code, [128 + s for s in SIGNALS] + [-s for s in SIGNALS])
        self.expect_tidy(fault)
        self.count(fault, "whole output" if there else "no output")

    def kill_without_resume(self, fault):
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "out", False)
        code = self.interrupted(command, self.references[name][2], [signal.SIGKILL])
        there = self.whole_or_nothing(fault, name, output, code, [-signal.SIGKILL])
        for left in os.listdir("."):
            if ".partial" in left:
                os.remove(left)
        self.count(fault, "whole output" if there else "no output")

    def signals_with_resume(self, fault, signals=(*SIGNALS, signal.SIGKILL), damage=None):
        """Interrupted again and again, each time where it happens to be."""
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "out", True)
        for interruptions in range(1 + self.random.randrange(6)):
            code = self.interrupted(command, self.references[name][2], list(signals))
            allowed = [128 + s for s in SIGNALS] + [-s for s in (*SIGNALS, signal.SIGKILL)]
            if self.whole_or_nothing(fault, name, output, code, allowed) and code != -signal.SIGKILL:
                self.count(fault, f"done after {interruptions} interruptions")
                self.expect_tidy(fault)
                return
            if damage:
                damage(output)
        self.finished(fault, name, "out")
        self.count(fault, f"done after {interruptions + 1} interruptions")

    def power_loss_with_resume(self, fault):
        """As SIGKILL, and the ends of the files did not reach the disk: they are missing, or zeros."""
        def damage(output):
            for path in (output + ".partial", output + ".partial.journal"):
                if not os.path.exists(path) or self.random.random() < 0.3:
                    continue
                size = os.path.getsize(path)
                first = 0
                if path.endswith("journal"):  # its first line was brought to the disk
                    with open(path, "rb") as file:
                        first = len(file.readline())
                keep = max(first, size - self.random.randrange(1 + min(size, 1 << 17)))
                with open(path, "r+b") as file:
                    file.truncate(keep)
                    if self.random.random() < 0.5:
                        file.truncate(size)
        self.signals_with_resume(fault, [signal.SIGKILL], damage)

    def full_disk(self, fault, resume=False):
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "out", resume)
        limit = self.random.randrange(1, int(len(self.references[name][0]) * 1.1))

        def restrict():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        process = self.start(command, preexec_fn=restrict)
        process.communicate()
        there = self.whole_or_nothing(fault, name, output, process.returncode, [3])
        if resume and not there:
            self.finished(fault, name, "out")
            self.count(fault, "done after the disk had room again")
            return
        self.expect_tidy(fault)
        self.count(fault, "whole output" if there else "no output, exit code 3")

    def full_disk_with_resume(self, fault):
        self.full_disk(fault, resume=True)

    def full_file_system(self, fault):
        """A file system of a few pages, where the program's user may mount one: a disk that is really full."""
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "small/out", True)
        size = self.random.randrange(1, len(self.references[name][0]) // 4096)
        os.makedirs("small", exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={4 * size}k", "none", "small"]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            self.count(fault, "not tried: nothing can be mounted")
            return
        try:
            code = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
            self.expect(code == 3 and not os.path.exists(output), fault, f"{name} ended with {code}")
            subprocess.run(["mount", "-o", "remount,size=1g", "small"], check=True)
            code = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
            self.expect(self.whole_or_nothing(fault, name, output, code, ()), fault, f"{name}: no output at the end")
            self.expect(not os.listdir("small"), fault, "files are left")
        finally:
            subprocess.run(["umount", "small"], check=True)
        self.count(fault, "done after the disk had room again")

    def name_is_taken(self, fault):
        """When the output is complete, its name has become a directory's."""
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "out", False)
        process = self.start(command)
        time.sleep(self.random.random() * self.references[name][2])
        try:
            os.mkdir(output)
        except FileExistsError:
            pass
        process.communicate()
        if os.path.isdir(output):
            os.rmdir(output)
            self.expect(process.returncode == 3, fault, f"{name} ended with {process.returncode}")
            self.count(fault, "exit code 3, no output")
        else:
            self.whole_or_nothing(fault, name, output, process.returncode, ())
            self.count(fault, "was done before")
        self.expect_tidy(fault)

    def broken_pipe(self, fault):
        name = self.random.choice(list(COMMANDS))
        reference, done, _ = self.references[name]
        command = [self.program, *COMMANDS[name], "--format", "csv" if name.endswith("CSV") else "jsonl"]
        if "--format" in COMMANDS[name]:
            command = command[:-2]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        wanted = self.random.randrange(len(reference))
        received = process.stdout.read(wanted)
        process.stdout.close()
        code = process.wait()
        self.expect(received == reference[:wanted], fault, f"{name}: other bytes in the pipe")
        self.expect(code in (3, done), fault, f"{name} ended with {code}")
        self.count(fault, "exit code 3" if code == 3 else "was done before")

    @staticmethod
    def wait_until_read(process, path):
        """Returns when the process has read something of the file, or has ended."""
        descriptors = f"/proc/{process.pid}/fd"
        while process.poll() is None:
            try:
                for number in os.listdir(descriptors):
                    if os.readlink(f"{descriptors}/{number}").endswith(path):
                        with open(f"/proc/{process.pid}/fdinfo/{number}") as info:
                            if int(info.readline().split()[1]) > 0:
                                return
            except OSError:
                pass  # closed, or the process ended, in between
            time.sleep(0.0005)

    def input_changes(self, fault, change):
        """The input of a run is changed while it is read: before, it would be another input."""
        shutil.copy("a.txt", "copy.txt")
        command = [self.program, "scores", "model", "--input", "copy.txt", "--output", "out.jsonl"]
        process = self.start(command)
        self.wait_until_read(process, "copy.txt")
        time.sleep(self.random.random() * self.references["scores, lines"][2])
        change()
        process.communicate()
        there = os.path.exists("out.jsonl")
        self.expect(there == (process.returncode == 0), fault, f"ended with {process.returncode}")
        if there:
            with open("out.jsonl", "rb") as file:
                output = file.read()
            os.remove("out.jsonl")
        self.expect_tidy(fault)
        return process.returncode, output if there else None

    def shrinking_input(self, fault):
        size = os.path.getsize("a.txt")
        code, output = self.input_changes(fault, lambda: os.truncate("copy.txt", self.random.randrange(size)))
        self.expect(code == 3 or output == self.references["scores, lines"][0], fault, "rows are missing")
        self.count(fault, "exit code 3, no output" if code == 3 else "all was read before")

    def growing_input(self, fault):
        def grow():
            with open("copy.txt", "a") as file:
                file.write("wheat rose\n" * 1000)
        code, output = self.input_changes(fault, grow)
        reference = self.references["scores, lines"][0]
        self.expect(code == 0 and output.startswith(reference), fault, f"ended with {code}")
        more = output[len(reference):]
        self.expect(more in (b"", more[:len(more) // 1000] * 1000), fault, "not all of the new rows")
        self.count(fault, "with all new rows" if more else "without the new rows")

    def vanishing_input(self, fault):
        code, output = self.input_changes(fault, lambda: os.remove("copy.txt"))
        self.expect(code == 0 and output == self.references["scores, lines"][0], fault, f"ended with {code}")
        self.count(fault, "whole output")

    def unreadable_input(self, fault):
        """A directory, and a file whose every read fails."""
        path = self.random.choice(["model", "/proc/self/mem"])
        command, output = [self.program, "scores", "model", "--input", path, "--output", "out"], "out"
        code = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
        self.expect(code == 3 and not os.path.exists(output), fault, f"{path}: ended with {code}")
        self.expect_tidy(fault)
        self.count(fault, "exit code 3, no output")

    def two_runs_with_resume(self, fault):
        """Started at the same time on the same output: one does the work, the other is refused."""
        name = self.random.choice(list(COMMANDS))
        command, output = self.arguments(name, "out", True)
        processes = [self.start(command) for _ in range(3)]
        errors = [process.communicate()[1] for process in processes]
        codes = sorted(process.returncode for process in processes)
        done = self.references[name][1]
        self.expect(set(codes) <= {done, 3} and done in codes, fault, f"ended with {codes}: {errors}")
        self.whole_or_nothing(fault, name, output, done, ())
        self.expect_tidy(fault)
        self.count(fault, f"{codes.count(done)} done, {codes.count(3)} refused")


FAULTS = {
    "SIGINT, SIGTERM, SIGHUP": Campaign.signal_without_resume,
    "SIGKILL": Campaign.kill_without_resume,
    "signals, --resume": Campaign.signals_with_resume,
    "power loss, --resume": Campaign.power_loss_with_resume,
    "full disk": Campaign.full_disk,
    "full disk, --resume": Campaign.full_disk_with_resume,
    "full file system, --resume": Campaign.full_file_system,
    "output's name taken": Campaign.name_is_taken,
    "broken pipe": Campaign.broken_pipe,
    "input cut while read": Campaign.shrinking_input,
    "input growing": Campaign.growing_input,
    "input removed": Campaign.vanishing_input,
    "input unreadable": Campaign.unreadable_input,
    "several runs, --resume": Campaign.two_runs_with_resume,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--trials", type=int, default=20, help="of each fault")
    parser.add_argument("--rows", type=int, default=40000, help="of each input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one of: " + "; ".join(FAULTS))
    options = parser.parse_args()
    campaign = Campaign(options.program, options.seed)
    directory = tempfile.mkdtemp(prefix="polytag-faults-")
    os.chdir(directory)
    write_model("model")
    write_inputs(campaign.random, options.rows)
    campaign.prepare()
    for fault, trial in FAULTS.items():
        if options.only in (None, fault):
            for _ in range(options.trials):
                trial(campaign, fault)
    print("| fault | trials | outcomes |\n|---|---|---|")
    for fault, outcomes in campaign.outcomes.items():
        listed = "; ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"| {fault} | {sum(outcomes.values())} | {listed} |")
    os.chdir("/")
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
