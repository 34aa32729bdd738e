#!/usr/bin/env python3
"""Compares polytag's tokenizer with the package `tokenizers` on generated texts.

usage: tokenizers_differential.py DRIVER [--texts N] [--seed N] [--write-sample FILE]

DRIVER is the program tokenize_driver. Every configuration below gets its share of N texts, and
every code point; both sides read the tokenizer.json that the package writes. Bytes that are not
UTF-8 are compared with what Python makes of them: U+FFFD for every maximal ill-formed part.
Exits with 1 at a difference, and prints the first few.

The package is installed from PyPI into a virtual environment beside DRIVER. --write-sample makes
tests/data/text/generated.jsonl, which the test suite reads.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import venv

from generated_texts import SPECIAL, break_somewhere, code_point_texts, random_text

HERE = pathlib.Path(__file__).resolve().parent
VOCABULARIES = HERE.parent / "data" / "text"
CHUNK = 10000
CODE_POINTS_IN_A_TEXT = 16
SAMPLE_TEXTS = 500  # of each configuration in the sample
# Beginnings of each other, beyond ASCII, of one byte, with white space that they take.
ADDED = {"[unused1]": {}, "[unused2]": {"lstrip": True, "rstrip": True}, "[unused3]": {"lstrip": True}}
NEW = {"<e>": {}, "<e><x>": {"rstrip": True}, "\u00a7": {}, "\u4e2d\u6587!": {"lstrip": True}, "the": {}}


class Configuration:
    """How both sides tokenize. What is not given is as in Hugging Face's BertTokenizer."""

    def __init__(self, vocabulary, lower_case=True, strip_accents=None, chinese=True, clean=True,
                 longest_word=100, added=None):
        self.vocabulary = vocabulary
        self.lower_case, self.strip_accents = lower_case, strip_accents
        self.chinese, self.clean = chinese, clean
        self.longest_word = longest_word
        self.added = added or {}

    def __str__(self):
        given = {"cased": not self.lower_case, "accents kept": self.strip_accents is False,
                 "accents stripped": self.strip_accents, "Chinese as words": not self.chinese,
                 "not cleaned": not self.clean, "added tokens": self.added,
                 f"words of {self.longest_word}": self.longest_word != 100}
        return ", ".join([self.vocabulary] + [name for name, true in given.items() if true])

    def tokens(self):
        return SPECIAL + list(self.added)

    def words(self):
        lines = (VOCABULARIES / self.vocabulary / "vocab.txt").read_text(encoding="utf-8")
        return lines.rstrip("\n").split("\n")

    def reference(self):
        from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
        ids = {word: index for index, word in enumerate(self.words())}
        reference = Tokenizer(models.WordPiece(ids, unk_token="[UNK]",
                                               max_input_chars_per_word=self.longest_word))
        reference.normalizer = normalizers.BertNormalizer(
            clean_text=self.clean, handle_chinese_chars=self.chinese,
            strip_accents=self.strip_accents, lowercase=self.lower_case)
        reference.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        reference.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]),
                                                             ("[CLS]", ids["[CLS]"]))
        reference.add_special_tokens(SPECIAL)
        reference.add_special_tokens([AddedToken(content, normalized=False, **strips)
                                      for content, strips in self.added.items()])
        return reference

    def tokenizer_config(self):
        """The same as Hugging Face's tokenizer_config.json, beside a vocab.txt."""
        ids = {word: index for index, word in enumerate(self.words())}
        return {"do_lower_case": self.lower_case, "strip_accents": self.strip_accents,
                "tokenize_chinese_chars": self.chinese,
                "added_tokens_decoder": {
                    ids[content]: {"content": content, **strips, "normalized": False, "special": True}
                    for content, strips in self.added.items()}}


# Those that a tokenizer_config.json can say, for the sample, come first.
IN_SAMPLE = [Configuration("english_uncased"),
             Configuration("english_uncased", lower_case=False),
             Configuration("english_uncased", strip_accents=False),
             Configuration("chinese_uncased"),
             Configuration("chinese_uncased", chinese=False),
             Configuration("chinese_uncased", lower_case=False, strip_accents=True, added=ADDED)]
CONFIGURATIONS = IN_SAMPLE + [Configuration("english_uncased", clean=False),
                              Configuration("english_uncased", longest_word=5),
                              Configuration("english_uncased", added=NEW),
                              Configuration("chinese_uncased", clean=False, added=NEW)]


def enter_virtual_environment(directory):
    """Restarts this script where `tokenizers` is installed, in the version that is asked for."""
    python = os.path.join(directory, "bin", "python")
    if os.path.realpath(sys.prefix) != os.path.realpath(directory):
        if not os.path.exists(python):
            venv.create(directory, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--requirement",
                        HERE / "requirements.txt"], check=True)
        os.execv(python, [python, *sys.argv])


def chunks(configuration, texts, seed):
    """Lists of rows that are to be encoded in one way."""
    generate = random.Random(f"{seed} {configuration}")
    words = [word.removeprefix("##") for word in configuration.words()]
    points = ({"text": text} for text in code_point_texts(CODE_POINTS_IN_A_TEXT))
    while rows := list(itertools.islice(points, CHUNK)):
        yield {}, rows
    for begin in range(0, texts, CHUNK):
        rows = [random_row(generate, words, configuration.tokens())
                for _ in range(begin, min(begin + CHUNK, texts))]
        how = {"special": generate.random() < 0.5}
        if generate.random() < 0.3:
            how["max_length"] = generate.randrange(3, 20)
        yield how, rows


def random_row(generate, words, tokens):
    row = {"text": random_text(generate, words, tokens)}
    if generate.random() < 0.1:
        row = {"hex": break_somewhere(generate, row["text"]).hex()}
    if generate.random() < 0.2:
        row["pair"] = random_text(generate, words, tokens)
    return row


def text_of(row):
    if "hex" in row:
        return bytes.fromhex(row["hex"]).decode("utf-8", errors="replace")
    return row["text"]


def expected(reference, how, rows):
    reference.no_truncation()
    if "max_length" in how:
        reference.enable_truncation(how["max_length"], strategy="longest_first")
    inputs = [(text_of(row), row["pair"]) if "pair" in row else text_of(row) for row in rows]
    for encoding in reference.encode_batch(inputs, add_special_tokens=how.get("special", False)):
        yield encoding.ids, encoding.type_ids, [list(offset) for offset in encoding.offsets]


def found(driver, model, how, rows):
    requests = "".join(json.dumps(row | how) + "\n" for row in rows)
    answers = subprocess.run([driver, model], input=requests, check=True, capture_output=True,
                             text=True).stdout.splitlines()
    for answer in map(json.loads, answers):
        assert answer["ids"] == answer["ids_without_offsets"], answer
        yield answer["ids"], answer["type_ids"], answer["offsets"]


def compare(driver, configuration, texts, seed):
    """The number of texts, and of those that differ."""
    reference = configuration.reference()
    count = different = 0
    with tempfile.TemporaryDirectory() as model:
        reference.save(os.path.join(model, "tokenizer.json"))
        for how, rows in chunks(configuration, texts, seed):
            answers = zip(rows, expected(reference, how, rows), found(driver, model, how, rows),
                          strict=True)
            for row, ours, theirs in answers:
                if ours != theirs:
                    different += 1
                    if different <= 3:
                        print(ascii(row | how), "\n  expected", ours, "\n  found   ", theirs)
            count += len(rows)
    print(f"{configuration}: {count} texts, {different} different", flush=True)
    return count, different


def write_sample(path, seed):
    """Short texts: for each configuration its file, and then rows with the reference's ids."""
    with open(path, "w", encoding="utf-8") as lines:
        for configuration in IN_SAMPLE:
            generate = random.Random(f"{seed} {configuration}")
            words = [word.removeprefix("##") for word in configuration.words()]
            reference = configuration.reference()
            print(json.dumps({"vocabulary": configuration.vocabulary,
                              "tokenizer_config": configuration.tokenizer_config()}), file=lines)
            rows = []
            while len(rows) < SAMPLE_TEXTS:
                row = {"text": random_text(generate, words, configuration.tokens(), 9)}
                if generate.random() < 0.1:
                    row = {"hex": break_somewhere(generate, row["text"]).hex()}
                ids = reference.encode(text_of(row), add_special_tokens=False).ids
                if len(text_of(row)) < 80 and 1 < len(ids) < 40:
                    rows.append(row | {"ids": ids})
            for row in rows:
                print(json.dumps(row, ensure_ascii=False, separators=(",", ":")), file=lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--texts", type=int, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write-sample", metavar="FILE")
    arguments = parser.parse_args()
    driver = os.path.abspath(arguments.driver)
    enter_virtual_environment(os.path.join(os.path.dirname(driver), "venv"))
    if arguments.write_sample:
        write_sample(arguments.write_sample, arguments.seed)
        return 0

    share = -(-arguments.texts // len(CONFIGURATIONS))
    totals = [compare(driver, configuration, share, arguments.seed)
              for configuration in CONFIGURATIONS]
    count, different = map(sum, zip(*totals))
    from tokenizers import __version__
    print(f"{count} texts, {share * len(CONFIGURATIONS)} of them generated, {different} different "
          f"from tokenizers {__version__}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
