#!/usr/bin/env python3
"""Throughput of tokenizers on one thread, interleaved in one run, with a check of the ids.

Times are of the processor, so that a busy machine disturbs them less.

usage: compare_tokenizers.py [--build DIRECTORY] [--rounds N] [--megabytes N]

DIRECTORY is where CMake built the benchmarks (default: build/bench). Peers are installed from PyPI
into a virtual environment in it; one that cannot be installed is left out with a word.

English: paragraphs of the Python language reference that comes with Python. Chinese: product
reviews, one to three sentences each. All are uncased, with [CLS] and [SEP] and no truncation.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "tests", "data", "text")
PEERS = ["tokenizers", "flash-tokenizer", "tokie", "tensorflow-text"]


def enter_virtual_environment(directory):
    """Restarts this script where the peers are installed."""
    python = os.path.join(directory, "bin", "python")
    if not os.path.exists(python):
        venv.create(directory, with_pip=True)
        for package in PEERS:
            command = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", package]
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode != 0:
                print(f"{package}: cannot be installed, left out")
    if os.path.realpath(sys.prefix) != os.path.realpath(directory):
        os.execv(python, [python, *sys.argv])


def repeat_to_size(make_text, size):
    texts, total = [], 0
    while total < size:
        texts.append(make_text())
        total += len(texts[-1].encode())
    return texts


def english_texts(size):
    from pydoc_data.topics import topics
    generate = random.Random(1)
    paragraphs = [" ".join(paragraph.split()) for topic in topics.values()
                  for paragraph in topic.split("\n\n") if 12 < len(paragraph.split()) < 80]  # some peers stop at 512 tokens
    return repeat_to_size(lambda: " ".join(generate.sample(paragraphs, 2)), size)


def chinese_texts(size):
    generate = random.Random(1)
    with open(os.path.join(DATA, "tensorflow", "golden.jsonl"), encoding="utf-8") as lines:
        sentences = [json.loads(line)["text"] for line in lines]
    reviews = [text for text in sentences
               if text and all("\u4e00" <= c <= "\u9fff" or c in "，：。！OK" for c in text)]
    return repeat_to_size(
        lambda: "，".join(generate.sample(reviews, generate.randrange(1, 4))), size)


class Polytag:
    name = "polytag"

    def __init__(self, program, model, texts_path):
        self.process = subprocess.Popen([program, model, texts_path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.ids_path = texts_path + ".ids"

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def seconds(self, texts):
        return float(self.ask("round"))

    def ids(self, texts):
        import numpy
        self.ask("ids " + self.ids_path)
        return numpy.fromfile(self.ids_path, dtype="<i4")


class PythonPeer:
    """A peer whose encode_all(texts) returns a list of lists of ids, or something like it."""

    cls_and_sep = (0, 0)

    def encode_all(self, texts):
        raise NotImplementedError

    def ids_of(self, result):
        return result

    def seconds(self, texts):
        begin = time.process_time()
        self.encode_all(texts)
        return time.process_time() - begin

    def ids(self, texts):
        """All ids in a row; some peers cannot add [CLS] and [SEP]."""
        import numpy
        rows = []
        for ids in self.ids_of(self.encode_all(texts)):
            if len(ids) == 0 or ids[0] != self.cls_and_sep[0]:
                ids = [self.cls_and_sep[0], *ids, self.cls_and_sep[1]]
            rows.append(numpy.asarray(ids, dtype="<i4"))
        return numpy.concatenate(rows)


class HuggingFace(PythonPeer):
    name = "tokenizers"

    def __init__(self, vocabulary):
        from tokenizers import BertWordPieceTokenizer
        self.tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)
        # encode_batch_fast computes no offsets, as we do not here.
        self.encode = getattr(self.tokenizer._tokenizer, "encode_batch_fast",
                              self.tokenizer._tokenizer.encode_batch)

    def encode_all(self, texts):
        return self.encode(texts)

    def ids_of(self, result):
        return [encoding.ids for encoding in result]


class FlashTokenizer(PythonPeer):
    name = "flash-tokenizer"

    def __init__(self, vocabulary):
        from flash_tokenizer import BertTokenizerFlash
        self.tokenizer = BertTokenizerFlash(vocabulary, do_lower_case=True)

    def encode_all(self, texts):
        return self.tokenizer.tokenizer.batch_encode(texts, "longest", -1, False)

    def ids_of(self, result):
        return [[token for token in ids if token != 0] for ids in result]  # without padding


class Tokie(PythonPeer):
    name = "tokie"

    def __init__(self, vocabulary):
        import tokie
        from tokenizers import BertWordPieceTokenizer
        path = os.path.join(os.environ["TOKENIZERS_SCRATCH"], "tokie_tokenizer.json")
        BertWordPieceTokenizer(vocabulary, lowercase=True).save(path)
        self.tokenizer = tokie.Tokenizer.from_json(path)

    def encode_all(self, texts):
        return self.tokenizer.encode_batch(texts)

    def ids_of(self, result):
        return [encoding.ids for encoding in result]


class TensorFlowText(PythonPeer):
    name = "tensorflow-text"

    def __init__(self, vocabulary):
        import tensorflow
        import tensorflow_text
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        with open(vocabulary, encoding="utf-8") as lines:
            tokens = [line.rstrip("\n") for line in lines]
        self.tensorflow = tensorflow
        self.tokenizer = tensorflow_text.FastBertTokenizer(
            tokens, lower_case_nfd_strip_accents=True, token_out_type=tensorflow.int32)

    def seconds(self, texts):
        batch = self.tensorflow.constant(texts)
        begin = time.process_time()
        self.tokenizer.tokenize(batch)
        return time.process_time() - begin

    def encode_all(self, texts):
        return self.tokenizer.tokenize(self.tensorflow.constant(texts)).to_list()


def make_peers(vocabulary):
    with open(vocabulary, encoding="utf-8") as lines:
        tokens = [line.rstrip("\n") for line in lines]
    PythonPeer.cls_and_sep = tokens.index("[CLS]"), tokens.index("[SEP]")
    for make in (HuggingFace, FlashTokenizer, Tokie, TensorFlowText):
        try:
            yield make(vocabulary)
        except Exception as error:  # whatever a package fails with, the others are measured
            print(f"{make.name}: left out ({type(error).__name__}: {error})")


def compare(language, texts, program, vocabulary_directory, scratch, rounds):
    import numpy
    texts_path = os.path.join(scratch, language + ".jsonl")
    with open(texts_path, "w", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": text}) + "\n" for text in texts)
    contenders = [Polytag(program, vocabulary_directory, texts_path),
                  *make_peers(os.path.join(vocabulary_directory, "vocab.txt"))]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    seconds = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            seconds[contender.name].append(contender.seconds(texts))

    ours = statistics.median(seconds["polytag"])
    ids = {contender.name: contender.ids(texts) for contender in contenders}
    reference = ids.get("tokenizers")
    print(f"\n{language}: {len(texts)} texts, {megabytes:.1f} MB, median of {rounds} rounds, 1 thread")
    print(f"{'':18}{'MB/s':>8}{'polytag is':>14}   ids as tokenizers")
    for name, times in seconds.items():
        median = statistics.median(times)
        same = reference is not None and numpy.array_equal(reference, ids[name])
        print(f"{name:18}{megabytes / median:8.1f}{median / ours:13.1f}x   {'yes' if same else 'no'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "bench"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megabytes", type=float, default=4)
    arguments = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["RAYON_NUM_THREADS"] = "1"
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    enter_virtual_environment(os.path.join(arguments.build, "tokenizer_peers_venv"))

    scratch = os.path.join(arguments.build, "tokenizer_peers")
    os.makedirs(scratch, exist_ok=True)
    os.environ["TOKENIZERS_SCRATCH"] = scratch
    program = os.path.join(arguments.build, "benchmarks", "tokenizer_throughput")
    size = arguments.megabytes * 1e6
    for language, texts in (("English", english_texts(size)), ("Chinese", chinese_texts(size))):
        directory = os.path.join(DATA, language.lower() + "_uncased")
        compare(language, texts, program, directory, scratch, arguments.rounds)


if __name__ == "__main__":
    main()
