"""One engine with one model in a process of its own, driven over stdin and stdout.

usage: engine.py ENGINE PRECISION MODEL_DIRECTORY THREADS

Takes one JSON object a line, answers with one (peer_driver.cpp speaks the same for polytag):
  {"command": "load", "batches": [[[id, …], …], …]}   keep a workload: batches of sequences
  {"command": "run", "times": n}      run it n times    -> {"milliseconds": [of each time]}
  {"command": "first"}                                  -> {"first": hidden states of each [CLS]}
"""

import json
import os
import pathlib
import sys
import time

import numpy as np

ENGINE, PRECISION, DIRECTORY, THREADS = sys.argv[1:]
DIRECTORY = pathlib.Path(DIRECTORY)
THREADS = int(THREADS)


def pad(sequences):
    """Ids, attention mask and token types [batch, longest]."""
    ids = np.zeros((len(sequences), max(map(len, sequences))), np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, :len(sequence)] = sequence
        mask[row, :len(sequence)] = 1
    return ids, mask, np.zeros_like(ids)


class Torch:
    def __init__(self):
        import torch
        from transformers import AutoModel
        torch.set_num_threads(THREADS)
        torch.set_grad_enabled(False)
        self.torch = torch
        kind = {"float32": torch.float32, "bfloat16": torch.bfloat16}[PRECISION]
        self.model = AutoModel.from_pretrained(DIRECTORY, dtype=kind, add_pooling_layer=False).eval()

    def prepare(self, sequences):
        ids, mask, types = map(self.torch.from_numpy, pad(sequences))
        # Without padding the mask changes nothing, and attention is faster without it.
        return dict(input_ids=ids, attention_mask=None if mask.all() else mask, token_type_ids=types)

    def forward(self, batch):
        with self.torch.inference_mode():
            return self.model(**batch).last_hidden_state

    def first(self, output):
        return output[:, 0].float().numpy()


class OnnxRuntime:
    FILES = {"float32": "model.onnx", "float32 fused": "fused.onnx", "int8": "int8.onnx"}

    def __init__(self):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(DIRECTORY / self.FILES[PRECISION], options,
                                                    providers=["CPUExecutionProvider"])
        self.names = [one.name for one in self.session.get_inputs()]
        self.kinds = {one.name: np.int32 if "int32" in one.type else np.int64
                      for one in self.session.get_inputs()}

    def prepare(self, sequences):
        given = dict(zip(("input_ids", "attention_mask", "token_type_ids"), pad(sequences)))
        return {name: given[name].astype(self.kinds[name]) for name in self.names}

    def forward(self, batch):
        return self.session.run(["last_hidden_state"], batch)[0]

    def first(self, output):
        return output[:, 0]


class OpenVino:
    def __init__(self):
        import openvino
        core = openvino.Core()
        kind = {"float32": "f32", "bfloat16": "bf16"}[PRECISION]
        self.compiled = core.compile_model(core.read_model(DIRECTORY / "model.onnx"), "CPU", {
            "INFERENCE_PRECISION_HINT": kind, "INFERENCE_NUM_THREADS": THREADS,
            "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1})
        self.request = self.compiled.create_infer_request()
        self.names = [port.get_any_name() for port in self.compiled.inputs]

    def prepare(self, sequences):
        given = dict(zip(("input_ids", "attention_mask", "token_type_ids"), pad(sequences)))
        return {name: given[name] for name in self.names}

    def forward(self, batch):
        return self.request.infer(batch, share_inputs=True, share_outputs=True)[0]

    def first(self, output):
        return np.array(output[:, 0])


class CTranslate2:
    def __init__(self):
        import ctranslate2
        self.ctranslate2 = ctranslate2
        stand_in = DIRECTORY.with_name(DIRECTORY.name + "-bert")
        directory = stand_in if stand_in.exists() else DIRECTORY
        self.encoder = ctranslate2.Encoder(str(directory / "ct2"), compute_type=PRECISION,
                                           inter_threads=1, intra_threads=THREADS)

    def prepare(self, sequences):
        # Its own form of a ragged batch: padded ids with lengths; it drops the padding itself.
        ids = pad(sequences)[0].astype(np.int32)
        lengths = np.array([len(one) for one in sequences], np.int32)
        view = self.ctranslate2.StorageView.from_array
        return ids, lengths, view(ids), view(lengths)

    def forward(self, batch):
        return self.encoder.forward_batch(batch[2], batch[3]).last_hidden_state

    def first(self, output):
        return np.array(output)[:, 0]


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not mix with the replies
    engine = {"torch": Torch, "onnxruntime": OnnxRuntime, "openvino": OpenVino,
              "ctranslate2": CTranslate2}[ENGINE]()
    batches = []

    def reply(**fields):
        replies.write(json.dumps(fields) + "\n")
        replies.flush()

    reply(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["command"] == "load":
            batches = [engine.prepare(sequences) for sequences in order["batches"]]
            reply()
        elif order["command"] == "run":
            milliseconds = []
            for _ in range(order["times"]):
                start = time.perf_counter()
                for batch in batches:
                    engine.forward(batch)
                milliseconds.append((time.perf_counter() - start) * 1e3)
            reply(milliseconds=milliseconds)
        else:
            rows = [engine.first(engine.forward(batch)) for batch in batches]
            reply(first=np.concatenate(rows).tolist())


if __name__ == "__main__":
    main()
