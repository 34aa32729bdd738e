"""One engine with one model in a process of its own, driven over stdin and stdout.

usage: engine.py ENGINE PRECISION MODEL_DIRECTORY THREADS

Takes one JSON object a line, answers with one (peer_driver.cpp speaks the same for polytag):
  {"command": "load", "batches": [[[id, …], …], …]}     keep a workload: a call for each batch
  {"command": "load", "texts": [text, …], "maximum_tokens": n, "texts_in_a_call": n}
                                                        or texts, tokenized in the call
                    -> {"calls": how many calls that is, "lengths": tokens of each sequence}
  {"command": "run", "times": n}     all calls, n times  -> {"milliseconds": [of every call]}
  {"command": "states"}              -> {"first": [CLS] rows, "pooled": mean rows, or []}
"""

import json
import os
import pathlib
import sys
import time

START = time.perf_counter()

import adapters


class IdsWorkload:
    """Batches that lie ready."""

    def __init__(self, engine, order):
        self.engine = engine
        self.sequences = order["batches"]
        self.batches = [engine.prepare(sequences) for sequences in self.sequences]
        self.calls = len(self.batches)
        self.lengths = [len(ids) for batch in self.sequences for ids in batch]

    def run(self, call):
        self.engine.forward(self.batches[call])

    def states(self):
        first, pooled = [], []
        for batch, sequences in zip(self.batches, self.sequences):
            hidden = self.engine.hidden(self.engine.forward(batch))
            first += hidden[:, 0].tolist()
            pooled += [rows[:len(ids)].mean(axis=0).tolist()
                       for rows, ids in zip(hidden, sequences)]
        return first, pooled


class TextsWorkload:
    """Texts on the fastest way that users of these engines have: Hugging Face's Rust tokenizer,
    batches of 32 of similar length, answers put back into the order of the texts."""

    BATCH = 32

    def __init__(self, engine, order, directory):
        from tokenizers import BertWordPieceTokenizer
        tokenizer = BertWordPieceTokenizer(str(directory / "vocab.txt"), lowercase=True)
        tokenizer.enable_truncation(order["maximum_tokens"])
        self.encode = tokenizer._tokenizer.encode_batch_fast
        self.engine = engine
        texts = order["texts"]
        size = order.get("texts_in_a_call", len(texts))
        self.texts = [texts[i:i + size] for i in range(0, len(texts), size)]
        self.calls = len(self.texts)
        self.lengths = [len(encoding.ids) for encoding in self.encode(texts)]

    def run(self, call):
        ids = [encoding.ids for encoding in self.encode(self.texts[call])]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        answers = [None] * len(ids)
        for begin in range(0, len(order), self.BATCH):
            chosen = order[begin:begin + self.BATCH]
            batch = self.engine.prepare([ids[i] for i in chosen])
            for i, row in zip(chosen, self.engine.first(self.engine.forward(batch))):
                answers[i] = row
        return answers

    def states(self):
        return [row.tolist() for call in range(self.calls) for row in self.run(call)], []


def run(workload, times):
    milliseconds = []
    for _ in range(times):
        for call in range(workload.calls):
            start = time.perf_counter()
            workload.run(call)
            milliseconds.append((time.perf_counter() - start) * 1e3)
    return milliseconds


def serve(reply, make_workload):
    for line in sys.stdin:
        order = json.loads(line)
        if order["command"] == "load":
            workload = make_workload(order)
            reply(calls=workload.calls, lengths=workload.lengths)
        elif order["command"] == "run":
            reply(milliseconds=run(workload, order["times"]))
        else:
            first, pooled = workload.states()
            reply(first=first, pooled=pooled)


def open_replies():
    """What libraries print must not mix with the replies."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def reply(**fields):
        replies.write(json.dumps(fields) + "\n")
        replies.flush()

    return reply


def main():
    name, precision, directory, threads = sys.argv[1:]
    directory = pathlib.Path(directory)
    reply = open_replies()
    adapter = adapters.ADAPTERS[name]
    adapter.import_libraries()
    imported = time.perf_counter() - START
    engine = adapter(directory, precision, int(threads))
    reply(ready=True, import_seconds=imported)
    serve(reply, lambda order: IdsWorkload(engine, order) if "batches" in order
          else TextsWorkload(engine, order, directory))


if __name__ == "__main__":
    main()
