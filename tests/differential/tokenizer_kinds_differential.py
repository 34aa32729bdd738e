#!/usr/bin/env python3
"""Compares polytag with the package `tokenizers` on generated texts, for every kind of tokenizer.

usage: tokenizer_kinds_differential.py DRIVER [FILE …] [--texts N] [--seed N]

DRIVER is the program tokenize_driver. FILE is a tokenizer.json, or the first line of a file of
tests/data/text/kinds, which are taken where none is given. Each gets N texts, one by one and as
pairs, whole and cut. Exits with 1 at a difference, and prints the first few. Needs the package
`tokenizers`, as tokenizers_differential.py installs it.
"""

import argparse
import json
import pathlib
import random
import sys
import tempfile

from generated_texts import code_point_texts, random_text
from tokenizers_differential import expected, found

HERE = pathlib.Path(__file__).resolve().parent
KINDS = HERE.parent / "data" / "text" / "kinds"
CHUNK = 1000
# What byte-level patterns, normalizers and Metaspace treat apart.
PIECES = ["'s", "'S", "'ll", "'Re", "'\u017f", "  ", "   ", "\n", "\r\n", " \n ", "\t", "\u00a0", "\u3000", "\u0085",
          "\u2028", "\u2581", " \u2581", "``", "''", "\u200b", "\u00ad", "\ufeff", "\u0000", "\u2049", "\u00bd", "\ufb01",
          "A\u0302\u0300", "\u1100\u1161\u11a8", "\u0130", "\u03a3\u03c3", "\u0600a", "123", "1234567", "\u0967\u0968", "\u2167", "e\u0301",
          "<unk>", "<0x41>", "\ud55c\uad6d", "\u4e2d\u6587", "\u3042", "\U0001f468\u200d\U0001f469", "x" * 60]


def words_of(tokenizer):
    words = [token.replace("\u0120", " ").replace("\u2581", " ").replace("</w>", " ")
             for token in tokenizer.get_vocab(with_added_tokens=False)]
    return sorted(words)


def rows_of(tokenizer, texts, seed):
    generate = random.Random(seed)
    words = words_of(tokenizer)
    added = sorted(token.content for token in tokenizer.get_added_tokens_decoder().values())

    def text():
        parts = [random_text(generate, words, added, 6)]
        parts += [generate.choice(PIECES) if generate.random() < 0.6 else generate.choice(words)
                  for _ in range(generate.randrange(0, 12))]
        generate.shuffle(parts)
        return "".join(parts)

    for _ in range(texts):
        row = {"text": text()}
        if generate.random() < 0.2:
            row["pair"] = text()
        yield row


def chunks(tokenizer, texts, seed):
    points = ({"text": text} for text in code_point_texts(64))
    yield {}, list(points)
    generate = random.Random(f"{seed} how")
    rows = list(rows_of(tokenizer, texts, seed))
    for begin in range(0, len(rows), CHUNK):
        how = {"special": generate.random() < 0.5}
        if generate.random() < 0.3:
            how["max_length"] = generate.randrange(4, 24)
        yield how, rows[begin:begin + CHUNK]


def with_assigned_ids(tokenizer):
    """The package does not read the ids of added tokens; polytag refuses others than it gives."""
    vocabulary = tokenizer["model"]["vocab"]
    following = len(vocabulary)
    for token in tokenizer["added_tokens"] if isinstance(vocabulary, dict) else []:
        token["id"] = vocabulary.get(token["content"], following)
        following += token["id"] == following
    return tokenizer


def compare(driver, name, source, texts, seed):
    from tokenizers import Tokenizer
    source = json.dumps(with_assigned_ids(json.loads(source)))
    reference = Tokenizer.from_str(source)
    reference.no_padding()
    count = different = 0
    with tempfile.TemporaryDirectory() as model:
        (pathlib.Path(model) / "tokenizer.json").write_text(source, encoding="utf-8")
        for how, rows in chunks(reference, texts, f"{seed} {name}"):
            answers = zip(rows, expected(reference, how, rows), found(driver, model, how, rows), strict=True)
            for row, ours, theirs in answers:
                if ours != theirs:
                    different += 1
                    if different <= 3:
                        print(ascii(row | how), "\n  expected", ours, "\n  found   ", theirs)
            count += len(rows)
    print(f"{name}: {count} texts, {different} different", flush=True)
    return different


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    different = 0
    for file in arguments.files or sorted(KINDS.glob("*.jsonl")):
        content = file.read_text(encoding="utf-8")
        source = content.split("\n", 1)[0] if file.suffix == ".jsonl" else content
        different += compare(arguments.driver, file.name.split(".")[0], source, arguments.texts, arguments.seed)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
