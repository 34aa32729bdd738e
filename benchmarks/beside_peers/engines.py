"""The engines as child processes that answer one JSON line to each."""

import json
import os
import pathlib
import subprocess

from prepare import HERE, PROGRAMS, PYTHON, WORK

PEERS = [("torch", "float32"), ("torch", "bfloat16"), ("onnxruntime", "float32"),
         ("onnxruntime", "float32 fused"), ("onnxruntime", "int8"), ("openvino", "float32"),
         ("openvino", "bfloat16"), ("openvino", "int8"), ("ctranslate2", "float32"),
         ("ctranslate2", "int8")]
# With all rows of the last layer, as the peers compute it, and with those that a classifier reads.
OURS = {"all": "polytag", "first": "polytag [CLS]"}


class Engine:
    """A child process with one engine and one model."""

    def __init__(self, label, command, environment):
        self.label = label
        self.precision = next(one for one in ("float32", "bfloat16", "int8") if one in label)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)

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

    def resident_bytes(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def environment(threads):
    """Of a peer at its best, on so many threads."""
    variables = {"TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
                 "RAYON_NUM_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
    if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text():
        # CTranslate2's faster path, and not the one that it chooses on AMD's CPUs.
        variables["CT2_FORCE_CPU_ISA"] = "AVX512"
    return os.environ | variables


def peer(name, precision, directory, threads):
    return Engine(f"{name} {precision}",
                  [PYTHON, HERE / "engine.py", name, precision, directory, str(threads)],
                  environment(threads))


def ours(kind, precision, directory, threads, backend="native"):
    return Engine(f"{OURS.get(kind, 'polytag')} {precision}",
                  [PROGRAMS / "peer_driver", backend, precision, directory, str(threads), kind],
                  os.environ)


def start(model, threads, precisions, backend):
    """All engines with one model, ready."""
    directory = WORK / "models" / model
    engines = [peer(name, precision, directory, threads) for name, precision in PEERS]
    engines += [ours(kind, precision, directory, threads, backend)
                for precision in precisions for kind in OURS]
    for engine in engines:
        engine.read()
    return engines
