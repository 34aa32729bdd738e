"""Writes the PyTorch files in this folder that training programs or old versions would have written.

usage: make_torch_training_files.py        (made with PyTorch 2.15 and NumPy 2.4)

All but torch_whole_module_legacy.bin hold the linear layer that make_torch_archives.py saves.
"""
import argparse
import collections
import datetime
import pathlib
import random

import numpy
import torch

FOLDER = pathlib.Path(__file__).parent
LEGACY = {"_use_new_zipfile_serialization": False}


def save(value, name, **options):
    torch.save(value, FOLDER / name, **options)


linear = torch.nn.Linear(3, 2)
with torch.no_grad():
    linear.weight.copy_(torch.arange(6).reshape(2, 3))
    linear.bias.copy_(torch.tensor([-1.0, 1.0]))
state = linear.state_dict()
counting = torch.arange(6).reshape(2, 3)

# The format before PyTorch 1.6.
types = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
save({name: counting.to(getattr(torch, name)) for name in types}, "torch_legacy_types.bin", **LEGACY)
base = torch.arange(24, dtype=torch.float32)
save(
    {
        "whole": base,
        "offset": base[20:],
        "transposed": base.reshape(4, 6).t(),
        "every_third": base[::3],
        "repeated": base[5:6].expand(3),
        "scalar": base[7],
        "empty": base.reshape(4, 6)[:0],
    },
    "torch_legacy_views.bin",
    **LEGACY,
)
save(state, "torch_legacy_protocol_4.bin", pickle_protocol=4, **LEGACY)
save({"weight": state["weight"], "phases": torch.ones(3, dtype=torch.complex64), "bias": state["bias"]},
     "torch_legacy_complex.bin", **LEGACY)
save(linear, "torch_whole_module_legacy.bin", **LEGACY)

# What stands beside a state dict.
optimizer = torch.optim.AdamW(linear.parameters())
(linear(torch.ones(3)).sum() ** 2).backward()
optimizer.step()
with torch.no_grad():
    linear.weight.copy_(counting)
    linear.bias.copy_(torch.tensor([-1.0, 1.0]))
beside = {
    "args": argparse.Namespace(lr=1e-3, device=torch.device("cpu"), path=pathlib.PurePosixPath("/data")),
    "best_f1": numpy.float64(0.5),
    "confusion": numpy.zeros((2, 2)),
    "counts": collections.defaultdict(list, {"a": [1]}),
    "counter": collections.Counter("aab"),
    "seen": {1, 2},
    "frozen": frozenset((3,)),
    "bytes": b"\x00\xff",
    "when": datetime.datetime(2024, 2, 29, 12),
    "dtype": torch.float16,
    "size": torch.Size((2, 3)),
    "loss": torch.tensor(0.25),
    "random": random.Random(1).getstate()[1][:5] + (1 << 100, -(1 << 70)),
    "optimizer_state_dict": optimizer.state_dict(),
    "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1).state_dict(),
    "generator": torch.get_rng_state()[:16],
}
save({**beside, "model_state_dict": linear.state_dict()}, "torch_beside.pt")
save({**beside, "model_state_dict": linear.state_dict()}, "torch_legacy_beside.bin", **LEGACY)
for protocol in (3, 5):
    save({**beside, "net": {"state_dict": linear.state_dict()}}, f"torch_beside_{protocol}.pt", pickle_protocol=protocol)

# One state dict for each part of a model, and averages that are no part of it.
save(
    {"encoder": {"weight": state["weight"]}, "head": {"bias": state["bias"]}, "head_ema": {"bias": state["bias"] * 2},
     "optimizer": optimizer.state_dict(), "epoch": 3},
    "torch_parts.pt",
)

# Parameters with attributes, tensors with attributes, and tensors that no element type of ours fits.
linear.weight.no_decay = True
marked = state["bias"].clone()
marked.note = "x"
save(
    {"weight": linear.weight, "bias": marked, "phases": torch.ones(3, dtype=torch.complex64),
     "conjugated": torch.ones(3, dtype=torch.complex64).conj(), "sparse": torch.eye(2).to_sparse(),
     "quantized": torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8),
     "eighths": torch.ones(2, dtype=torch.float8_e4m3fn), "array": numpy.ones(2), "steps": 7},
    "torch_unread.pt",
)
