#!/usr/bin/env python3
"""Compares BasicTokenizer::kTensorFlow with its rules written down in Python's own Unicode terms.

usage: basic_tokenizer_differential.py DRIVER VOCABULARY [--texts N] [--seed N]

Characters whose category differs between Python's Unicode and 15.0 are left out when Python's is
older. Exits with 1 at a difference, and prints the first few.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

from generated_texts import KEPT_MARKS, MARKS, random_character

CHINESE = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
           (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]


def clean(text):
    for character in text:
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            yield " "
        elif character not in "\0\ufffd" and category not in ("Cc", "Cf"):
            chinese = any(first <= ord(character) <= last for first, last in CHINESE)
            yield f" {character} " if chinese else character


def is_punctuation(character):
    ascii_symbol = "!" <= character <= "~" and not character.isalnum()
    return ascii_symbol or unicodedata.category(character).startswith("P")


def words_of(text):
    for word in "".join(clean(text)).split():
        marked = unicodedata.normalize("NFD", word.lower())
        plain = [c for c in marked if unicodedata.category(c) != "Mn"]
        spaced = "".join(f" {c} " if is_punctuation(c) else c for c in plain)
        yield from spaced.split()


def pieces_of(word, ids):
    pieces, begin = [], 0
    while begin < len(word) <= 200:
        prefix = "##" if begin else ""
        end = next((end for end in range(len(word), begin, -1) if prefix + word[begin:end] in ids),
                   None)
        if end is None:
            break
        pieces.append(ids[prefix + word[begin:end]])
        begin = end
    return pieces if begin == len(word) else [ids["[UNK]"]]


def read_vocabulary(path):
    ids = {}
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            ids.setdefault(line.strip(), len(ids))
    return ids


def random_text(generate, words):
    parts = [lambda: generate.choice(words), lambda: " ", lambda: random_character(generate),
             lambda: generate.choice("\u03a3\u03a3\u03b1\u0391\u2160\u02b0':.\u00ad\u0345\u4e00 "),
             lambda: generate.choice(MARKS + KEPT_MARKS), lambda: generate.choice("abc") * 67]
    weights = [4, 3, 6, 8, 2, 1]
    return "".join(generate.choices(parts, weights)[0]() for _ in range(generate.randrange(16)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("vocabulary")
    parser.add_argument("--texts", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    ids = read_vocabulary(arguments.vocabulary)
    words = list(ids)
    generate = random.Random(arguments.seed)
    texts = [f"a{chr(c)}b {chr(c)}" for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    texts += [random_text(generate, words) for _ in range(arguments.texts)]
    texts = [text for text in texts if all(unicodedata.category(c) != "Cn" for c in text)]
    with tempfile.TemporaryDirectory() as model, tempfile.TemporaryFile("w+") as requests:
        os.symlink(os.path.abspath(arguments.vocabulary), os.path.join(model, "vocab.txt"))
        with open(os.path.join(model, "tokenizer_config.json"), "w") as config:
            json.dump({"basic_tokenizer": "tensorflow"}, config)
        requests.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        requests.seek(0)
        answers = subprocess.run([arguments.driver, model], stdin=requests, check=True,
                                 capture_output=True, text=True).stdout.splitlines()

    different = 0
    for text, line in zip(texts, answers, strict=True):
        answer = json.loads(line)
        expected = [piece for word in words_of(text) for piece in pieces_of(word, ids)]
        if (expected, expected) != (answer["ids"], answer["ids_without_offsets"]):
            different += 1
            if different <= 5:
                print(ascii(text), "\n  expected", expected, "\n  found   ", answer["ids"])
    print(f"{len(texts)} texts, {different} different; Unicode {unicodedata.unidata_version}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
