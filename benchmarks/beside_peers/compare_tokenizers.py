"""Throughput of tokenizers on the same texts, interleaved, with a check of the ids, as JSON.

usage: compare_tokenizers.py THREADS ROUNDS MEGABYTES

English: Reuters news. Chinese: product reviews, one to three sentences each. All are uncased, with
[CLS] and [SEP] and no truncation. Exact is who gives Hugging Face's ids for all of them.
run.py starts it where the peers are installed, with their numbers of threads in the environment.
"""

import itertools
import json
import os
import random
import subprocess
import sys
import time

import numpy

import texts
from prepare import PROGRAMS, ROOT, WORK, say

DATA = ROOT / "tests" / "data" / "text"
SCRATCH = WORK / "tokenizers"


def english_texts(size):
    # No longer than this: some peers stop at 512 tokens.
    news = [text for text in texts.news(WORK / "news", None, seed=2) if len(text) < 1000]
    return list(take_bytes(itertools.cycle(news), size))


def chinese_texts(size):
    generate = random.Random(1)
    sentences = texts.review_sentences()
    reviews = ("，".join(generate.sample(sentences, generate.randrange(1, 4)))
               for _ in itertools.count())
    return list(take_bytes(reviews, size))


def take_bytes(made, size):
    for text in made:
        if size <= 0:
            return
        size -= len(text.encode())
        yield text


class Polytag:
    name = "polytag"

    def __init__(self, model, name, texts, threads):
        texts_path = SCRATCH / f"{name}.jsonl"
        texts_path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        self.process = subprocess.Popen(
            [PROGRAMS / "tokenizer_throughput", model, texts_path, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ids_path = texts_path.with_suffix(".ids")

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def seconds(self, texts):
        return float(self.ask("round"))

    def ids(self, texts):
        self.ask(f"ids {self.ids_path}")
        return numpy.fromfile(self.ids_path, dtype="<i4")


class PythonPeer:
    """A peer whose encode_all(texts) returns a list of lists of ids, or something like it."""

    cls_and_sep = (0, 0)

    def encode_all(self, texts):
        raise NotImplementedError

    def ids_of(self, result):
        return result

    def seconds(self, texts):
        begin = time.perf_counter()
        self.encode_all(texts)
        return time.perf_counter() - begin

    def ids(self, texts):
        """All ids in a row; some peers cannot add [CLS] and [SEP]."""
        rows = []
        for ids in self.ids_of(self.encode_all(texts)):
            if len(ids) == 0 or ids[0] != self.cls_and_sep[0]:
                ids = [self.cls_and_sep[0], *ids, self.cls_and_sep[1]]
            rows.append(numpy.asarray(ids, dtype="<i4"))
        return numpy.concatenate(rows)


class HuggingFace(PythonPeer):
    name = "tokenizers"

    def __init__(self, vocabulary, threads):
        from tokenizers import BertWordPieceTokenizer
        self.tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        # encode_batch_fast computes no offsets, as we do not here.
        self.encode = getattr(self.tokenizer._tokenizer, "encode_batch_fast",
                              self.tokenizer._tokenizer.encode_batch)

    def encode_all(self, texts):
        return self.encode(texts)

    def ids_of(self, result):
        return [encoding.ids for encoding in result]


class FlashTokenizer(PythonPeer):
    name = "flash-tokenizer"

    def __init__(self, vocabulary, threads):
        from flash_tokenizer import BertTokenizerFlash
        self.parallel = threads > 1
        self.tokenizer = BertTokenizerFlash(str(vocabulary), do_lower_case=True)

    def encode_all(self, texts):
        return self.tokenizer.tokenizer.batch_encode(texts, "longest", -1, self.parallel)

    def ids_of(self, result):
        return [[token for token in ids if token != 0] for ids in result]  # without padding


class Tokie(PythonPeer):
    name = "tokie"

    def __init__(self, vocabulary, threads):
        import tokie
        from tokenizers import BertWordPieceTokenizer
        path = str(SCRATCH / "tokie_tokenizer.json")
        BertWordPieceTokenizer(str(vocabulary), lowercase=True).save(path)
        self.tokenizer = tokie.Tokenizer.from_json(path)

    def encode_all(self, texts):
        return self.tokenizer.encode_batch(texts)

    def ids_of(self, result):
        return [encoding.ids for encoding in result]


class TensorFlowText(PythonPeer):
    name = "tensorflow-text"

    def __init__(self, vocabulary, threads):
        import tensorflow
        import tensorflow_text
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        with open(vocabulary, encoding="utf-8") as lines:
            tokens = [line.rstrip("\n") for line in lines]
        self.tensorflow = tensorflow
        self.tokenizer = tensorflow_text.FastBertTokenizer(
            tokens, lower_case_nfd_strip_accents=True, token_out_type=tensorflow.int32)

    def seconds(self, texts):
        batch = self.tensorflow.constant(texts)
        begin = time.perf_counter()
        self.tokenizer.tokenize(batch)
        return time.perf_counter() - begin

    def encode_all(self, texts):
        return self.tokenizer.tokenize(self.tensorflow.constant(texts)).to_list()


def make_peers(vocabulary, threads):
    tokens = vocabulary.read_text(encoding="utf-8").split("\n")
    PythonPeer.cls_and_sep = tokens.index("[CLS]"), tokens.index("[SEP]")
    for make in (HuggingFace, FlashTokenizer, Tokie, TensorFlowText):
        try:
            yield make(vocabulary, threads)
        except Exception as error:  # whatever a package fails with, the others are measured
            say(f"{make.name}: left out ({type(error).__name__}: {error})")


def compare(language, made, threads, rounds):
    directory = DATA / f"{language.lower()}_uncased"
    contenders = [Polytag(directory, language, made, threads),
                  *make_peers(directory / "vocab.txt", threads)]
    measured = {contender.name: {"seconds": []} for contender in contenders}
    for number in range(rounds + 1):  # the first warms up
        for contender in contenders:
            seconds = contender.seconds(made)
            if number > 0:
                measured[contender.name]["seconds"].append(seconds)
    ids = {contender.name: contender.ids(made) for contender in contenders}
    for name, engine in measured.items():
        engine["exact"] = bool(numpy.array_equal(ids["tokenizers"], ids[name]))
    return {"language": language, "threads": threads, "texts": len(made),
            "megabytes": sum(len(text.encode()) for text in made) / 1e6, "engines": measured}


def main():
    threads, rounds, size = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) * 1e6
    os.environ["OMP_NUM_THREADS"] = str(threads)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    print(json.dumps([compare("English", english_texts(size), threads, rounds),
                      compare("Chinese", chinese_texts(size), threads, rounds)]))


if __name__ == "__main__":
    main()
