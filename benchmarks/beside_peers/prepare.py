"""Makes what a measurement needs, under build/beside_peers, once: virtual environments with the
peers, the programs, the texts and the models."""

import datetime
import os
import pathlib
import platform
import subprocess
import sys

import texts

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "beside_peers"
PYTHON = WORK / "venv" / "bin" / "python"
TENSORFLOW_PYTHON = WORK / "venv_tensorflow" / "bin" / "python"
PROGRAMS = ROOT / "build" / "bench" / "benchmarks"
POLYTAG = ROOT / "build" / "bench" / "src" / "cli" / "polytag"


def say(text):
    print(f"[{datetime.datetime.now():%H:%M:%S}] {text}", file=sys.stderr, flush=True)


def install(directory, requirements):
    done = directory / "installed.txt"
    if done.exists() and done.read_text() == requirements.read_text():
        return
    say(f"installing {requirements.name}")
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    subprocess.run([directory / "bin" / "python", "-m", "pip", "install", "-q", "-r", requirements],
                   check=True)
    done.write_text(requirements.read_text())


def build(programs):
    """Leaves to ./dev what of the system they need: it asks before it installs."""
    say("building the programs")
    subprocess.run(["./dev", "peer-programs", *programs], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)


def prepare(models, parts):
    """The files of the models, and all else that the parts of a measurement need."""
    programs = ["machine_limits", "peer_driver"]
    programs += ["tokenizer_throughput"] if "tokenizers" in parts else []
    programs += ["polytag_cli"] if "heads" in parts else []
    with_tensorflow = "tokenizers" in parts or "heads" in parts
    WORK.mkdir(parents=True, exist_ok=True)
    build(programs)
    install(WORK / "venv", HERE / "requirements.txt")
    if with_tensorflow:
        install(WORK / "venv_tensorflow", HERE / "requirements_tensorflow.txt")
    if with_tensorflow or "M1" in models:
        texts.fetch_news(WORK / "news")
    stand_ins = ["M2-bert"] if "M2" in models else []
    if models:
        subprocess.run([PYTHON, HERE / "models.py", WORK / "models", *models, *stand_ins],
                       check=True)


def machine(arguments):
    """What a reader must know of the machine and the versions."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = {line.split(":")[1].strip() for line in lines if line.startswith("model name")}
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                            capture_output=True, text=True).stdout.strip()
    return {"cpu": ", ".join(sorted(names)), "cores": os.cpu_count(), "system": platform.platform(),
            "versions": versions(), "commit": commit, "load_average": os.getloadavg(),
            "date": datetime.datetime.now().isoformat(timespec="minutes"),
            "command": " ".join(["benchmarks/beside_peers/run.py", *arguments])}


def versions():
    """Of the pinned packages that are installed."""
    listed = {}
    for name in ("requirements.txt", "requirements_tensorflow.txt"):
        directory = WORK / ("venv" if name == "requirements.txt" else "venv_tensorflow")
        if directory.exists():
            listed |= dict(line.split("==") for line in (HERE / name).read_text().split())
    return listed
