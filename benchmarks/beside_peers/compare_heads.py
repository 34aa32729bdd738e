"""The four heads at full size beside the predict path of the system that they come from."""

import json
import subprocess

import engines
import measure as turns
from engines import Engine
from prepare import HERE, POLYTAG, ROOT, TENSORFLOW_PYTHON, WORK, say

GOLDEN = ROOT.parent / "shared" / "golden"
VOCABULARY = ROOT / "tests" / "data" / "text" / "chinese_uncased" / "vocab.txt"
HEADS = ("base", "denses", "textcnn", "seq2seq")
CONFIG = {"vocab_size": 21128, "embedding_size": 128, "hidden_size": 384, "num_hidden_layers": 6,
          "num_hidden_groups": 1, "inner_group_num": 1, "num_attention_heads": 12,
          "intermediate_size": 1536, "hidden_act": "gelu", "max_position_embeddings": 512,
          "type_vocab_size": 2, "hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0}


def prepare(head):
    """The checkpoint, which its script writes, and the model that polytag makes of it."""
    checkpoint, model = WORK / "heads" / head / "checkpoint", WORK / "heads" / head / "model"
    if not (checkpoint / "checkpoint").exists():
        subprocess.run([TENSORFLOW_PYTHON, GOLDEN / "tf_full_size" / "make_checkpoint.py", head,
                        checkpoint], check=True, capture_output=True)
    config = checkpoint.with_name("albert_config.json")
    config.write_text(json.dumps(CONFIG))
    if not model.exists():
        subprocess.run([POLYTAG, "convert", checkpoint, "--output", model,
                        "--config", config, "--vocab", VOCABULARY,
                        "--labels", GOLDEN / "tf" / head / "vocabulary_label.txt"],
                       check=True, capture_output=True)
    return checkpoint, model


def start(head, threads):
    checkpoint, model = prepare(head)
    both = [Engine("TensorFlow float32", [TENSORFLOW_PYTHON, HERE / "replaced_system.py", head,
                                          checkpoint, str(threads)], engines.environment(threads))]
    both += [engines.ours("classifier", precision, model, threads)
             for precision in ("float32", "bfloat16")]
    for engine in both:
        engine.read()
    return both


def golden(head):
    return json.loads((GOLDEN / "tf_full_size" / head / "golden.json").read_text())["records"]


def load(records, texts_in_a_call):
    """Sentences as texts and, so that TensorFlow need not tokenize, as its features."""
    return {"texts": [one["sentence"] for one in records], "texts_in_a_call": texts_in_a_call,
            "input_ids": [one["input_ids"] for one in records],
            "input_mask": [one["input_mask"] for one in records]}


def check(head, tensorflow):
    """That the graph is the replaced system's: it gives the golden outputs.

    @raises RuntimeError if not"""
    records = golden(head)
    tensorflow.ask("load", **load(records, 1))
    answers = tensorflow.ask("states")["first"]
    if head == "seq2seq":
        lines = (GOLDEN / "tf" / head / "vocabulary_label.txt").read_text(encoding="utf-8")
        names = [line.strip() for line in lines.splitlines()]
        same = all(sorted(names[label] for label in ids if names[label] != "E") == one["get_label"]
                   for ids, one in zip(answers, records))
    else:
        same = all(abs(a - b) < 1e-5 for answer, one in zip(answers, records)
                   for a, b in zip(flat(answer), flat(one["probabilities"])))
    if not same:
        raise RuntimeError(f"{head}: TensorFlow's outputs are not the replaced system's")


def flat(values):
    return [number for value in values
            for number in (value if isinstance(value, list) else [value])]


def measure(threads, rounds):
    """Milliseconds of a call, by head and texts in it; nothing where the goldens are missing."""
    if not GOLDEN.exists():
        say("left out the heads: no ../shared/golden with the replaced system's outputs")
        return []
    results = []
    for head in HEADS:
        say(f"{head}, {threads} threads")
        both = start(head, threads)
        check(head, both[0])
        for size, calls in ((1, 8), (32, 1)):
            measured = turns.measure(both, load(golden(head)[:size * calls], size), rounds)
            for engine in measured.values():
                engine["turns"] = [ms / calls for ms in engine["turns"]]
            results.append({"head": head, "texts": size, "threads": threads, "engines": measured})
        for engine in both:
            engine.close()
    return results
