#!/usr/bin/env python3
"""Compares polytag's tokenizer with the package `tokenizers` on random texts and on every code point.

usage: tokenizers_differential.py DRIVER VOCABULARY [--texts N] [--seed N] [--cased]

DRIVER is the program tokenize_driver, VOCABULARY a vocab.txt. The package is installed from PyPI
into a virtual environment beside DRIVER. Exits with 1 at a difference, and prints the first few.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata
import venv

SPECIAL = ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"]
SCRIPTS = [(0x20, 0x7F), (0x20, 0x7F), (0, 0x20), (0x80, 0x100), (0x100, 0x250), (0x300, 0x370),
           (0x370, 0x400), (0x400, 0x530), (0x590, 0x700), (0x900, 0xE00), (0xE00, 0xF00),
           (0xF00, 0x1000), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2070), (0x3000, 0x3100),
           (0x3400, 0x3500), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xE000, 0xE010), (0xF900, 0xFB00),
           (0xFE00, 0xFFFF), (0x16FE0, 0x17000), (0x1D100, 0x1D200), (0x1F000, 0x1FB00),
           (0x20000, 0x20100), (0x2B800, 0x2B940), (0x2F800, 0x2FA20), (0, 0x110000)]
# Marks of many classes, kept and dropped, and characters that decompose into some.
MARKS = [chr(c) for c in range(0x110000)
         if not 0xD800 <= c < 0xE000 and unicodedata.combining(chr(c))]
KEPT_MARKS = [c for c in MARKS if unicodedata.category(c) != "Mn"] + list(
    "\u0f73\u0f75\u0f81\u0344\u0958\u09dc\u1715\u1734\U0001d15e\U0001d1bb\U00011938")


def enter_virtual_environment(directory):
    """Restarts this script where `tokenizers` is installed."""
    python = os.path.join(directory, "bin", "python")
    if not os.path.exists(python):
        venv.create(directory, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "tokenizers"], check=True)
    if os.path.realpath(sys.prefix) != os.path.realpath(directory):
        os.execv(python, [python, *sys.argv])


def make_reference(vocabulary, lower_case):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    with open(vocabulary, encoding="utf-8") as lines:
        ids = {line.rstrip("\n"): index for index, line in enumerate(lines)}
    reference = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    reference.normalizer = normalizers.BertNormalizer(lowercase=lower_case)
    reference.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    reference.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]),
                                                         ("[CLS]", ids["[CLS]"]))
    reference.add_special_tokens(SPECIAL)
    return reference


def random_character(generate):
    first, end = generate.choice(SCRIPTS)
    character = chr(generate.randrange(first, end))
    return " " if 0xD800 <= ord(character) < 0xE000 else character


def random_part(generate, words):
    kind = generate.random()
    if kind < 0.35:
        return generate.choice(words)
    if kind < 0.5:
        return generate.choice(words).upper() + generate.choice(["", " ", "'s ", "-", ". "])
    if kind < 0.7:
        return " "
    if kind < 0.9:
        return "".join(random_character(generate) for _ in range(generate.randrange(1, 6)))
    if kind < 0.93:
        return generate.choice(SPECIAL + ["[cls]", "[[MASK]]", "[MASK"])
    if kind < 0.97:
        run = [generate.choice(MARKS if generate.random() < 0.6 else KEPT_MARKS)
               for _ in range(generate.randrange(1, 8))]
        return generate.choice(["a", "\u00e9", "\u1e69", "", "\u2260", "\u4e00", "\u200d"]) + "".join(run)
    if kind < 0.99:
        return random_character(generate) * generate.randrange(95, 106)
    return "".join(generate.choice("abcdefgh\u0301") for _ in range(generate.randrange(8, 30)))


def random_text(generate, words):
    return "".join(random_part(generate, words) for _ in range(generate.randrange(0, 12)))


def make_rows(arguments, words):
    generate = random.Random(arguments.seed)
    for code_point in range(0x110000):
        if not 0xD800 <= code_point < 0xE000:
            yield {"text": f"a{chr(code_point)}b {chr(code_point)}"}
    for _ in range(arguments.texts):
        row = {"text": random_text(generate, words), "special": generate.random() < 0.3}
        if generate.random() < 0.2:
            row["pair"] = random_text(generate, words)
        if generate.random() < 0.2:
            row["max_length"] = generate.randrange(3, 20)
        yield row


def expected(reference, row):
    # Truncation is the tokenizer's state there, so it is switched only where a row asks for it.
    if "max_length" in row:
        reference.enable_truncation(row["max_length"], strategy="longest_first")
    encoding = reference.encode(row["text"], row.get("pair"),
                                add_special_tokens=row.get("special", False))
    if "max_length" in row:
        reference.no_truncation()
    return encoding.ids, encoding.type_ids, [list(offset) for offset in encoding.offsets]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("vocabulary")
    parser.add_argument("--texts", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cased", action="store_true")
    arguments = parser.parse_args()
    enter_virtual_environment(os.path.join(os.path.dirname(os.path.abspath(arguments.driver)),
                                           "tokenizers_venv"))

    reference = make_reference(arguments.vocabulary, not arguments.cased)
    with open(arguments.vocabulary, encoding="utf-8") as lines:
        words = [line.rstrip("\n").removeprefix("##") for line in lines]
    rows = list(make_rows(arguments, words))
    with tempfile.TemporaryDirectory() as model, tempfile.TemporaryFile("w+") as requests:
        os.symlink(os.path.abspath(arguments.vocabulary), os.path.join(model, "vocab.txt"))
        with open(os.path.join(model, "tokenizer_config.json"), "w") as config:
            json.dump({"do_lower_case": not arguments.cased}, config)
        requests.writelines(json.dumps(row) + "\n" for row in rows)
        requests.seek(0)
        answers = subprocess.run([arguments.driver, model], stdin=requests, check=True,
                                 capture_output=True, text=True).stdout.splitlines()

    different = 0
    for row, line in zip(rows, answers, strict=True):
        answer = json.loads(line)
        ids, type_ids, offsets = expected(reference, row)
        if (ids, type_ids, offsets, ids) != (answer["ids"], answer["type_ids"], answer["offsets"],
                                             answer["ids_without_offsets"]):
            different += 1
            if different <= 5:
                print(ascii(row), "\n  expected", ids, type_ids, offsets, "\n  found   ", answer)
    print(f"{len(rows)} texts, {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
