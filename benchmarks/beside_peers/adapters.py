"""The peers' interfaces made alike: prepare(sequences) -> batch, forward(batch) -> output,
first(output) -> [batch, hidden], hidden(output) -> [batch, longest, hidden]."""

import numpy as np


def pad(sequences):
    """Ids, attention mask and token types [batch, longest]."""
    ids = np.zeros((len(sequences), max(map(len, sequences))), np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, :len(sequence)] = sequence
        mask[row, :len(sequence)] = 1
    return ids, mask, np.zeros_like(ids)


class Torch:
    @staticmethod
    def import_libraries():
        import torch
        from transformers import AutoModel  # the import that takes long

    def __init__(self, directory, precision, threads):
        import torch
        from transformers import AutoModel
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.torch = torch
        kind = {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]
        model = AutoModel.from_pretrained(directory, dtype=kind, add_pooling_layer=False)
        self.model = model.eval()

    def prepare(self, sequences):
        ids, mask, types = map(self.torch.from_numpy, pad(sequences))
        # Without padding the mask changes nothing, and attention is faster without it.
        return dict(input_ids=ids, attention_mask=None if mask.all() else mask,
                    token_type_ids=types)

    def forward(self, batch):
        with self.torch.inference_mode():
            return self.model(**batch).last_hidden_state

    def first(self, output):
        return output[:, 0].float().numpy()

    def hidden(self, output):
        return output.float().numpy()


class OnnxRuntime:
    FILES = {"float32": "model.onnx", "float32 fused": "fused.onnx", "int8": "int8.onnx"}

    @staticmethod
    def import_libraries():
        import onnxruntime

    def __init__(self, directory, precision, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(directory / self.FILES[precision], options,
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

    def hidden(self, output):
        return output


class OpenVino:
    FILES = {"float32": ("model.onnx", "f32"), "bfloat16": ("model.onnx", "bf16"),
             "int8": ("openvino_int8.xml", None)}

    @staticmethod
    def import_libraries():
        import openvino

    def __init__(self, directory, precision, threads):
        import openvino
        core = openvino.Core()
        file, kind = self.FILES[precision]
        # What an int8 model does not quantize runs in the plugin's choice, which is the fastest.
        hints = {"INFERENCE_PRECISION_HINT": kind} if kind else {}
        self.compiled = core.compile_model(core.read_model(directory / file), "CPU", hints | {
            "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1})
        self.request = self.compiled.create_infer_request()
        self.names = [port.get_any_name() for port in self.compiled.inputs]

    def prepare(self, sequences):
        given = dict(zip(("input_ids", "attention_mask", "token_type_ids"), pad(sequences)))
        return {name: given[name] for name in self.names}

    def forward(self, batch):
        return self.request.infer(batch, share_inputs=True, share_outputs=True)[0]

    def first(self, output):
        return np.array(output[:, 0])  # the next call writes where the output lies

    def hidden(self, output):
        return np.array(output)


class CTranslate2:
    @staticmethod
    def import_libraries():
        import ctranslate2

    def __init__(self, directory, precision, threads):
        import ctranslate2
        self.ctranslate2 = ctranslate2
        stand_in = directory.with_name(directory.name + "-bert")
        files = stand_in if stand_in.exists() else directory
        self.encoder = ctranslate2.Encoder(str(files / "ct2"), compute_type=precision,
                                           inter_threads=1, intra_threads=threads)

    def prepare(self, sequences):
        # Its own form of a ragged batch: padded ids with lengths; it drops the padding itself.
        ids = pad(sequences)[0].astype(np.int32)
        lengths = np.array([len(one) for one in sequences], np.int32)
        view = self.ctranslate2.StorageView.from_array
        return ids, lengths, view(ids), view(lengths)

    def forward(self, batch):
        return self.encoder.forward_batch(batch[2], batch[3]).last_hidden_state

    def first(self, output):
        return np.asarray(output)[:, 0].copy()

    def hidden(self, output):
        return np.array(output)


ADAPTERS = {"torch": Torch, "onnxruntime": OnnxRuntime, "openvino": OpenVino,
            "ctranslate2": CTranslate2}
