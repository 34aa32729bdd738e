#!/usr/bin/env python3
"""Writes a tiny BERT with random weights: a model directory on which a bulk run takes little.

usage: tiny_model.py DIRECTORY [LABELS]
"""

import array
import json
import os
import random
import struct
import sys

HIDDEN, INTERMEDIATE, POSITIONS = 16, 32, 64
WORDS = ["wheat", "corn", "oil", "gold", "bank", "trade", "yen", "dollar", "profit", "shares", "rose", "fell", ",", "."]


def tensors(labels, vocabulary):
    """Names and shapes, as Hugging Face's BertForSequenceClassification has them."""
    linear = {"attention.self.query": (HIDDEN, HIDDEN), "attention.self.key": (HIDDEN, HIDDEN),
              "attention.self.value": (HIDDEN, HIDDEN), "attention.output.dense": (HIDDEN, HIDDEN),
              "intermediate.dense": (INTERMEDIATE, HIDDEN), "output.dense": (HIDDEN, INTERMEDIATE)}
    yield "bert.embeddings.word_embeddings.weight", (vocabulary, HIDDEN)
    yield "bert.embeddings.position_embeddings.weight", (POSITIONS, HIDDEN)
    yield "bert.embeddings.token_type_embeddings.weight", (2, HIDDEN)
    norms = ["bert.embeddings.LayerNorm"]
    for name, shape in linear.items():
        yield f"bert.encoder.layer.0.{name}.weight", shape
        yield f"bert.encoder.layer.0.{name}.bias", shape[:1]
    norms += [f"bert.encoder.layer.0.{name}.LayerNorm" for name in ("attention.output", "output")]
    for norm in norms:
        yield norm + ".weight", (HIDDEN,)
        yield norm + ".bias", (HIDDEN,)
    yield "bert.pooler.dense.weight", (HIDDEN, HIDDEN)
    yield "bert.pooler.dense.bias", (HIDDEN,)
    yield "classifier.weight", (labels, HIDDEN)
    yield "classifier.bias", (labels,)


def write_model(directory, labels=7):
    os.makedirs(directory, exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
    with open(os.path.join(directory, "vocab.txt"), "w") as file:
        file.write("".join(word + "\n" for word in vocabulary))
    with open(os.path.join(directory, "tokenizer_config.json"), "w") as file:
        json.dump({"do_lower_case": True}, file)
    with open(os.path.join(directory, "config.json"), "w") as file:
        json.dump({"model_type": "bert", "architectures": ["BertForSequenceClassification"], "hidden_act": "gelu",
                   "hidden_size": HIDDEN, "intermediate_size": INTERMEDIATE, "layer_norm_eps": 1e-12,
                   "max_position_embeddings": POSITIONS, "num_attention_heads": 2, "num_hidden_layers": 1,
                   "type_vocab_size": 2, "vocab_size": len(vocabulary),
                   "problem_type": "multi_label_classification",
                   "id2label": {str(i): f"label {i}" for i in range(labels)}}, file)
    generator = random.Random(5)
    pattern = array.array("f", (generator.gauss(0, 0.5) for _ in range(9973)))
    header, parts, at = {}, [], 0
    for name, shape in tensors(labels, len(vocabulary)):
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        if "LayerNorm.weight" in name:
            values = array.array("f", [1.0] * count)
        else:
            shift = generator.randrange(len(pattern))
            values = ((pattern[shift:] + pattern) * (count // len(pattern) + 1))[:count]
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + 4 * count]}
        at += 4 * count
        parts.append(values.tobytes())
    encoded = json.dumps(header).encode()
    with open(os.path.join(directory, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for part in parts:
            file.write(part)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    write_model(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 7)
