"""Writes the small PyTorch files in this folder, which tests/unit/checkpoints reads.

usage: make_torch_archives.py        (made with PyTorch 2.15; needs nothing else)
"""
import collections
import pathlib
import zipfile

import torch

FOLDER = pathlib.Path(__file__).parent
counting = torch.arange(6).reshape(2, 3)


def save(value, name, **options):
    torch.save(value, FOLDER / name, **options)


types = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
save({name: counting.to(getattr(torch, name)) for name in types}, "torch_types.pt")

base = torch.arange(24, dtype=torch.float32)
save(
    {
        "whole": base,
        "offset": base[20:],
        "rows": base.reshape(4, 6)[1:3],
        "transposed": base.reshape(4, 6).t(),
        "permuted": base.reshape(2, 3, 4).permute(2, 0, 1),
        "every_third": base[::3],
        "columns": base.reshape(4, 6)[:, 2:4],
        "repeated": base[5:6].expand(3),
        "scalar": base[7],
        "empty": base.reshape(4, 6)[:0],
        "row_of_one": base.reshape(1, 24).t()[3:4].t(),
    },
    "torch_views.pt",
)

linear = torch.nn.Linear(3, 2)
with torch.no_grad():
    linear.weight.copy_(counting)
    linear.bias.copy_(torch.tensor([-1.0, 1.0]))
save(linear.state_dict(), "torch_module_state.pt")
save(dict(linear.named_parameters()), "torch_parameters.pt")
save(linear.state_dict(), "torch_protocol_4.pt", pickle_protocol=4)
save(linear.state_dict(), "torch_before_1_6.bin", _use_new_zipfile_serialization=False)
save(linear, "torch_whole_module.pt")
torch.serialization.set_crc32_options(False)
save(linear.state_dict(), "torch_no_checksums.pt")
torch.serialization.set_crc32_options(True)

training = {
    "epoch": 3,
    "loss": -0.25,
    "best": None,
    "name": "模型",
    "flags": [True, False, (1, 2, 3, 4), {"big": 1 << 40, "negative": -(1 << 40)}],
    "optimizer": {"state": {0: {"step": torch.tensor(7.0)}}, "param_groups": [{"lr": 1e-3}]},
}
save({**training, "state_dict": linear.state_dict()}, "torch_under_state_dict.pt")
save({**training, "model": collections.OrderedDict(linear.state_dict())}, "torch_under_model.pt")

with zipfile.ZipFile(FOLDER / "torch_module_state.pt") as stored:
    with zipfile.ZipFile(FOLDER / "torch_deflated.pt", "w", zipfile.ZIP_DEFLATED) as deflated:
        for name in stored.namelist():
            deflated.writestr(zipfile.ZipInfo(name), stored.read(name), zipfile.ZIP_DEFLATED)
