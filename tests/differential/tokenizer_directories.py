#!/usr/bin/env python3
"""Writes tests/data/text/directories.jsonl: small model directories and what transformers reads in
their texts.

usage: tokenizer_directories.py FILE

Every line is a directory: its files, and texts with the ids, token types and offsets (in code
points) that AutoTokenizer of transformers gives them. Needs the packages `transformers` 5 and
`tokenizers`; no model and no network.
"""

import itertools
import json
import os
import pathlib
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

from transformers import AutoTokenizer  # noqa: E402

WORDS = ("[PAD] [UNK] [CLS] [SEP] [MASK] the good bad new york covid cafe café e ##s ##e 19 1 9 ##9 "
         "< > [ ] / . , ' - ?! ... don t tis 't x ##x ½ a b ## ##1 ##>").split()
TEXTS = ["the good, bad covid-19!", "COVID covids Covid", "Thé CAFÉ café cafe\u0301", "don't 'tis ?! ...",
         "", "  the\tgood\n ", "new york New  York", "<e1>the</e1> <E1> x", "[MASK] [CLS]the[new]",
         "½ ²19 Ⅷ ١٩ x1x", "a\u200bb\u00adc \u00a0d", "ﬁne ＴＨＥ Å Å 한국 ｶﾞ", "中文the 。good", "İI ΣΑΣ ẞ",
         "\u0301the \u0903good", "the_good x-y"]


def added(identifier, content, **flags):
    return {"id": identifier, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True} | flags


def decoder(*tokens):
    return {str(token["id"]): {key: value for key, value in token.items() if key != "id"} for token in tokens}


def typed(content, **flags):
    token = added(0, content, **flags) | {"__type": "AddedToken"}
    del token["id"]
    return token


def pieces(*names):
    for name, type_id in names:
        kind = "Sequence" if name in "AB" else "SpecialToken"
        yield {kind: {"id": name, "type_id": type_id}}


def template(single, pair, **ids):
    tokens = {name: {"id": name, "ids": [WORDS.index(token) for token in tokens], "tokens": tokens}
              for name, tokens in (ids or {"[CLS]": ["[CLS]"], "[SEP]": ["[SEP]"]}).items()}
    return {"type": "TemplateProcessing", "single": list(pieces(*single)), "pair": list(pieces(*pair)),
            "special_tokens": tokens}


BERT_SINGLE = [("[CLS]", 0), ("A", 0), ("[SEP]", 0)]
BERT_TEMPLATE = template(BERT_SINGLE, BERT_SINGLE + [("B", 1), ("[SEP]", 1)])
BERT_NORMALIZER = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                   "strip_accents": None, "lowercase": True}


def tokenizer_json(more_tokens=(), vocab=None, **parts):
    vocab = vocab or {word: index for index, word in enumerate(WORDS)}
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [added(index, word) for index, word in enumerate(WORDS[:5])] + list(more_tokens),
            "normalizer": BERT_NORMALIZER, "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": BERT_TEMPLATE, "decoder": None,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": vocab}} | parts


VOCABULARY = "\n".join(WORDS) + "\n"
NEXT = len(WORDS)
BERT = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
CASED = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}


def slow(config=None, vocabulary=VOCABULARY, **files):
    return {"vocab.txt": vocabulary, "tokenizer_config.json": config or BERT} | {
        name + ".json": content for name, content in files.items()}


def fast(config=None, **parts):
    return {"tokenizer.json": tokenizer_json(**parts), "tokenizer_config.json": config or FAST}


def added_tokens():
    plain = {"normalized": True, "special": False}
    yield "normalized", fast(BERT, more_tokens=[added(10, "covid", **plain), added(NEXT, "URL", **plain)])
    yield "normalized with accents and blanks", fast(
        BERT, more_tokens=[added(NEXT, "New York", **plain), added(NEXT + 1, "CAFÉ", **plain)])
    yield "normalized, cased", fast(CASED, normalizer=BERT_NORMALIZER | {"lowercase": False},
                                    more_tokens=[added(NEXT, "Thé", **plain), added(NEXT + 1, "ΣΑ", **plain)])
    yield "normalized words alone", fast(BERT, more_tokens=[added(10, "covid", single_word=True, **plain),
                                                            added(WORDS.index("x"), "x", single_word=True, **plain)])
    yield "words alone", fast(BERT, more_tokens=[added(10, "covid", single_word=True),
                                                 added(WORDS.index("19"), "19", single_word=True)])
    yield "normalized with white space", fast(
        BERT, more_tokens=[added(NEXT, "GOOD", lstrip=True, rstrip=True, **plain),
                           added(WORDS.index("19"), "19", lstrip=True, **plain)])
    yield "beginnings of each other", fast(BERT, more_tokens=[
        added(NEXT, "cov", **plain), added(NEXT + 1, "covid-19", **plain), added(NEXT + 2, "co")])
    yield "both kinds", fast(BERT, more_tokens=[added(NEXT, "<e1>"), added(5, "the", **plain),
                                                added(NEXT + 1, "E1", **plain)])
    yield "decoder beside vocab.txt", slow(BERT | {"added_tokens_decoder": decoder(
        *[added(index, word) for index, word in enumerate(WORDS[:5])],
        added(NEXT, "<e1>"), added(NEXT + 1, "New York", **plain))})
    yield "decoder without flags", slow(BERT | {"added_tokens_decoder": {str(NEXT): {"content": "COVID"}}})
    yield "decoder beside tokenizer.json", fast(FAST | {"added_tokens_decoder": decoder(
        added(NEXT, "<e1>", rstrip=True), added(4, "[MASK]", lstrip=True))})
    yield "other parts", fast(normalizer={"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]},
                              pre_tokenizer={"type": "Whitespace"},
                              more_tokens=[added(NEXT, "FINE", **plain), added(NEXT + 1, "Ⅷ", **plain)])


def added_tokens_json():
    yield "markers", slow(added_tokens={"<e1>": NEXT, "</e1>": NEXT + 1})
    yield "markers that special_tokens_map.json names", slow(
        added_tokens={"<e1>": NEXT, "</e1>": NEXT + 1},
        special_tokens_map={"additional_special_tokens": ["<e1>", "</e1>"]})
    yield "markers that tokenizer_config.json names", slow(
        BERT | {"additional_special_tokens": ["<e1>"]}, added_tokens={"<e1>": NEXT, "the": 5})
    yield "in another order", slow(added_tokens={"zz": NEXT, "<e1>": NEXT + 1, "aa the": NEXT + 2})
    yield "cased", slow(CASED, added_tokens={"COVID": NEXT, "York": NEXT + 1})
    yield "beside tokenizer.json", fast() | {"added_tokens.json": {"<e1>": NEXT}}
    yield "overruled by a decoder", slow(BERT | {"added_tokens_decoder": {}}, added_tokens={"<e1>": NEXT})


def special_tokens():
    yield "list in the map", slow(special_tokens_map={"additional_special_tokens": ["<e1>", "covid"]})
    yield "new list in the map", slow(special_tokens_map={"extra_special_tokens": ["covid", "covid", "<e1>"]})
    yield "names in the map", slow(special_tokens_map={"extra_special_tokens": {"e_token": "covid"}})
    yield "a field in the map", slow(special_tokens_map={"place_token": "york"})
    yield "objects in the map", slow(special_tokens_map={
        "cls_token": {"content": "the", "single_word": False, "lstrip": False, "rstrip": True, "normalized": False},
        "sep_token": {"content": "good", "single_word": False, "lstrip": True, "rstrip": False, "normalized": True}})
    yield "map and config", slow(BERT | {"cls_token": "new", "additional_special_tokens": ["covid"]},
                                 special_tokens_map={"cls_token": "bad", "additional_special_tokens": ["york"]})
    yield "map beside a decoder", slow(BERT | {"added_tokens_decoder": {}}, special_tokens_map={"cls_token": "the"})
    yield "list in the config", slow(BERT | {"additional_special_tokens": ["<e1>", "covid"]})
    yield "objects in the config", slow(BERT | {"additional_special_tokens": [
        typed("covid", lstrip=True), typed("New York", normalized=True)], "mask_token": typed("[MASK]", rstrip=True)})
    yield "new list in the config", slow(BERT | {"extra_special_tokens": ["<e1>"],
                                                 "additional_special_tokens": ["covid"]})
    yield "names in the config", slow(BERT | {"extra_special_tokens": {"e_token": "<e1>"},
                                              "additional_special_tokens": ["covid"]})
    yield "no names in the config", slow(BERT | {"extra_special_tokens": {}},
                                         special_tokens_map={"additional_special_tokens": ["covid"]})
    yield "an empty list in the config", slow(BERT | {"extra_special_tokens": []},
                                              special_tokens_map={"additional_special_tokens": ["covid"]})
    yield "a field in the config", slow(BERT | {"place_token": "york"})
    yield "all beside tokenizer.json", fast(FAST | {"additional_special_tokens": ["covid"], "cls_token": "new"}) | {
        "special_tokens_map.json": {"additional_special_tokens": ["york"], "sep_token": "bad"}}
    yield "none in tokenizer.json", fast(added_tokens=[])
    yield "one named beside tokenizer.json", fast(FAST | {"mask_token": "[MASK]"}, added_tokens=[])
    yield "of before version 3", slow({"do_lower_case": False, "max_len": 9, "init_inputs": []},
                                      special_tokens_map={"cls_token": "[CLS]", "mask_token": "[MASK]"},
                                      added_tokens={"<e1>": NEXT})


def parts():
    def sequence(*types):
        return {"type": "Sequence", "normalizers": [{"type": kind} if isinstance(kind, str) else kind
                                                    for kind in types]}
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    normalizers = {
        "none": None, "NFC": {"type": "NFC"}, "NFD": {"type": "NFD"}, "NFKC": {"type": "NFKC"},
        "NFKD": {"type": "NFKD"}, "lower case": {"type": "Lowercase"}, "tutorial": sequence("NFD", "Lowercase", "StripAccents"),
        "accents alone": {"type": "StripAccents"}, "strip": sequence("NFKC", strip),
        "strip left": strip | {"strip_right": False},
        "replace": sequence({"type": "Replace", "pattern": {"String": "the"}, "content": "new"}, "Lowercase"),
        "delete": {"type": "Replace", "pattern": {"String": "''"}, "content": ""},
        "BERT behind NFC": sequence("NFC", BERT_NORMALIZER), "nested": sequence(sequence("NFD"), sequence("StripAccents")),
        "BERT, cased": BERT_NORMALIZER | {"lowercase": False}, "BERT, accents kept": BERT_NORMALIZER | {"strip_accents": False},
        "BERT, not cleaned": BERT_NORMALIZER | {"clean_text": False},
        "BERT, Chinese as words": BERT_NORMALIZER | {"handle_chinese_chars": False}}
    for name, normalizer in normalizers.items():
        yield "normalizer " + name, fast(normalizer=normalizer)
    digits = {"type": "Digits", "individual_digits": False}
    cutters = {
        "none": None, "Whitespace": {"type": "Whitespace"}, "WhitespaceSplit": {"type": "WhitespaceSplit"},
        "punctuation": {"type": "Punctuation"}, "digits": digits, "each digit": digits | {"individual_digits": True},
        "blanks and digits": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, digits]},
        "BERT and each digit": {"type": "Sequence", "pretokenizers": [
            {"type": "BertPreTokenizer"}, digits | {"individual_digits": True}]}}
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        cutters[behavior] = {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": behavior}]}
    for name, cutter in cutters.items():
        yield "pre-tokenizer " + name, fast(pre_tokenizer=cutter)


def templates():
    yield "no post-processor", fast(post_processor=None)
    yield "BertProcessing", fast(post_processor={"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]})
    yield "two at the beginning", fast(post_processor=template(
        [("[CLS]", 0), ("[CLS]", 1), ("A", 2)], [("A", 0), ("[SEP]", 0), ("[SEP]", 1), ("B", 0)]))
    yield "all at the end", fast(post_processor=template(
        [("A", 0), ("[SEP]", 0), ("[CLS]", 2)], [("A", 0), ("[SEP]", 0), ("B", 1), ("[SEP]", 1), ("[CLS]", 2)]))
    yield "one name, two tokens", fast(post_processor=template(
        [("begin", 0), ("A", 0)], [("begin", 0), ("A", 0), ("begin", 1), ("B", 1)], begin=["[CLS]", "the"]))
    yield "nothing around a single text", fast(post_processor=template([("A", 0)], [("A", 0), ("[SEP]", 0), ("B", 1)]))


def truncation():
    left = {"direction": "Left", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    yield "left in the config", slow(BERT | {"truncation_side": "left"})
    yield "left in tokenizer.json", fast(truncation=left)
    yield "left in tokenizer.json, right in the config", fast(FAST | {"truncation_side": "right"}, truncation=left)
    yield "left, nothing added", fast(FAST | {"truncation_side": "left"}, post_processor=None)
    yield "left with added tokens", fast(FAST | {"truncation_side": "left"}, more_tokens=[
        added(NEXT, "new york", normalized=True, special=False)], pre_tokenizer={"type": "Whitespace"})


def vocabularies():
    blank = VOCABULARY.replace("york\n", "\n\nyork\n")
    yield "blank lines", slow(vocabulary=blank)
    yield "blank lines and added tokens", slow(vocabulary=blank, added_tokens={"<e1>": NEXT + 1})
    yield "blank last lines", slow(vocabulary=VOCABULARY + "\n\n")
    yield "a line twice", slow(vocabulary=VOCABULARY + "the\n[SEP]\n")
    yield "a line twice and added tokens", slow(vocabulary=VOCABULARY + "the\n", added_tokens={"<e1>": NEXT})
    yield "lines of Windows", slow(vocabulary=VOCABULARY.replace("\n", "\r\n"))
    yield "no last line end", slow(vocabulary=VOCABULARY.rstrip("\n"))
    yield "white space behind", slow(vocabulary=VOCABULARY.replace("good\n", "good \t\n").replace("x\n", "x\u3000\n"))
    yield "white space before", slow(vocabulary=VOCABULARY.replace("good\n", " good\n"))
    gap = {word: index if index < 20 else index + 7 for index, word in enumerate(WORDS)}
    yield "ids with a gap", fast(vocab=gap)
    yield "ids with a gap and added tokens", fast(
        FAST | {"additional_special_tokens": ["<e1>"]}, vocab=gap, more_tokens=[added(gap["x"], "x")])


GROUPS = [added_tokens, added_tokens_json, special_tokens, parts, templates, truncation, vocabularies]


def directories():
    for group in GROUPS:
        for name, files in group():
            yield f"{group.__name__}: {name}".replace("_", " "), files


def questions(name):
    if name.startswith(("truncation", "templates")):
        for text, pair in itertools.product(["the good, bad covid-19!", "new york x"], [None, "a b don't the covids", "x"]):
            for length in (None, 3, 4, 5, 6, 7, 9):
                yield {"text": text} | ({} if pair is None else {"pair": pair}) | (
                    {} if length is None else {"max_length": length})
    else:
        for text in TEXTS:
            yield {"text": text}
        yield {"text": TEXTS[0], "pair": TEXTS[1], "max_length": 12}


def answer(tokenizer, question):
    length = question.get("max_length")
    pair = question.get("pair")
    if length is not None and length < tokenizer.num_special_tokens_to_add(pair=pair is not None):
        return None
    encoded = tokenizer(question["text"], pair, truncation="longest_first" if length else False, max_length=length,
                        return_token_type_ids=True, return_offsets_mapping=True)
    return question | {"ids": encoded["input_ids"], "types": encoded["token_type_ids"],
                       "offsets": [list(offset) for offset in encoded["offset_mapping"]]}


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as lines:
        for name, files in directories():
            with tempfile.TemporaryDirectory() as folder:
                for file, content in (files | {"config.json": {"model_type": "bert"}}).items():
                    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
                    pathlib.Path(folder, file).write_bytes(text.encode("utf-8"))
                tokenizer = AutoTokenizer.from_pretrained(folder)
            answers = [found for question in questions(name) if (found := answer(tokenizer, question))]
            print(json.dumps({"name": name, "files": files, "texts": answers}, ensure_ascii=False,
                             separators=(",", ":")), file=lines)


if __name__ == "__main__":
    main()
