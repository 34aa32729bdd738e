"""The predict path of the system that polytag replaces, in TensorFlow: the graph that its four
programs build, run by a session, on the checkpoint that its training would have saved.

usage: replaced_system.py HEAD CHECKPOINT_DIRECTORY THREADS     (speaks engine.py's protocol)

Loads {"input_ids": …, "input_mask": …, "texts_in_a_call": n}: every text padded to 60 tokens, as
there. Its tokenizer, which is written in Python and takes milliseconds, is left out in its favour.
"""

import pathlib
import sys

import numpy as np
import tensorflow

from engine import open_replies, serve

tf = tensorflow.compat.v1
LENGTH, HEADS, LAYERS = 60, 12, 6
BEAMS, STEPS, END, START = 5, 5, 0, 1  # its decoder starts with E and stops at S


class Weights:
    """The variables of a checkpoint by name."""

    def __init__(self, directory):
        self.reader = tensorflow.train.load_checkpoint(str(directory))
        self.variables = {}

    def __getitem__(self, name):
        if name not in self.variables:
            value = self.reader.get_tensor(name)
            self.variables[name] = tf.Variable(lambda: tf.constant(value), dtype=value.dtype,
                                               name=name.replace("/", "_"), use_resource=False)
        return self.variables[name]

    def dense(self, x, scope):
        return tf.matmul(x, self[f"{scope}/kernel"]) + self[f"{scope}/bias"]

    def layer_norm(self, x, scope):
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, self[f"{scope}/beta"],
                                         self[f"{scope}/gamma"], 1e-12)


def gelu(x):
    return x * 0.5 * (1 + tf.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * tf.pow(x, 3))))


def attention(weights, x, bias, scope):
    hidden = x.shape[-1]
    size = hidden // HEADS

    def heads(name):
        projected = weights.dense(x, f"{scope}/self/{name}")
        return tf.transpose(tf.reshape(projected, [-1, LENGTH, HEADS, size]), [0, 2, 1, 3])

    scores = tf.matmul(heads("query"), heads("key"), transpose_b=True) / np.sqrt(float(size)) + bias
    context = tf.transpose(tf.matmul(tf.nn.softmax(scores), heads("value")), [0, 2, 1, 3])
    return weights.dense(tf.reshape(context, [-1, hidden]), f"{scope}/output/dense")


def albert(weights, prefix, ids, mask):
    """Hidden states [batch · 60, hidden]."""
    embeddings = f"{prefix}/embeddings"
    x = (tf.gather(weights[f"{embeddings}/word_embeddings"], ids)
         + weights[f"{embeddings}/token_type_embeddings"][0]
         + weights[f"{embeddings}/position_embeddings"][:LENGTH])
    x = weights.layer_norm(x, f"{embeddings}/LayerNorm")
    x = weights.dense(tf.reshape(x, [-1, x.shape[-1]]),
                      f"{prefix}/encoder/embedding_hidden_mapping_in")
    bias = (1 - tf.cast(mask[:, None, None, :], tf.float32)) * -10000.0
    layer = f"{prefix}/encoder/transformer/group_0/inner_group_0"
    for _ in range(LAYERS):
        x = weights.layer_norm(x + attention(weights, x, bias, f"{layer}/attention_1"),
                               f"{layer}/LayerNorm")
        inner = gelu(weights.dense(x, f"{layer}/ffn_1/intermediate/dense"))
        x = weights.layer_norm(x + weights.dense(inner, f"{layer}/ffn_1/intermediate/output/dense"),
                               f"{layer}/LayerNorm_1")
    return x


def pooled(weights, x):
    first = tf.reshape(x, [-1, LENGTH, x.shape[-1]])[:, 0]
    return tf.tanh(weights.dense(first, "albert/pooler/dense"))


def base(weights, x):
    logits = tf.matmul(pooled(weights, x), weights["output_weights"], transpose_b=True)
    return tf.sigmoid(logits + weights["output_bias"])


def denses(weights, x):
    features = pooled(weights, x)
    names = weights.reader.get_variable_to_shape_map()
    labels = sum(name.startswith("output_weights") for name in names)
    return tf.stack([tf.sigmoid(tf.matmul(features, weights[f"output_weights{i}"], transpose_b=True)
                                + weights[f"output_bias{i}"]) for i in range(labels)], axis=1)


def textcnn(weights, x):
    image = tf.reshape(x, [-1, LENGTH, x.shape[-1], 1])
    features = []
    for width in range(2, 8):
        scope = f"TextCNN/conv-maxpool-{width}"
        found = tf.nn.conv2d(image, weights[f"{scope}/W"], [1, 1, 1, 1], "VALID")
        found = tf.nn.relu(found + weights[f"{scope}/b"])
        features.append(tf.reduce_max(found, axis=[1, 2]))
    logits = tf.matmul(tf.concat(features, 1), weights["output_weights"], transpose_b=True)
    return tf.sigmoid(logits + weights["output_bias"])


def lstm_cell(weights, scope, x, c, h):
    i, j, f, o = tf.split(tf.matmul(tf.concat([x, h], 1), weights[f"{scope}/kernel"])
                          + weights[f"{scope}/bias"], 4, axis=1)
    c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
    return c, tf.tanh(c) * tf.sigmoid(o)


def lstm_stack(weights, direction, steps, batch, hidden):
    """Three layers over [60, batch, hidden], step by step as dynamic_rnn runs them.

    @return outputs [60, batch, hidden], the last layer's final c and h"""
    scope = f"Encoder/bidirectional_rnn/{direction}/multi_rnn_cell/cell_"

    def body(time, outputs, *states):
        x, new = steps[time], []
        for layer in range(3):
            c, x = lstm_cell(weights, f"{scope}{layer}/basic_lstm_cell", x,
                             *states[2 * layer:2 * layer + 2])
            new += [c, x]
        return (time + 1, outputs.write(time, x), *new)

    zeros = tf.zeros(tf.stack([batch, hidden]))
    for layer in range(3):  # variables belong outside of the loop
        for part in ("kernel", "bias"):
            weights[f"{scope}{layer}/basic_lstm_cell/{part}"]
    final = tf.while_loop(lambda time, *_: time < LENGTH, body,
                          (0, tf.TensorArray(tf.float32, LENGTH), *[zeros] * 6),
                          shape_invariants=(tf.TensorShape([]), tf.TensorShape(None),
                                            *[tf.TensorShape([None, hidden])] * 6))
    return final[1].stack(), final[-2], final[-1]


def attention_decoder(weights, memory, units):
    """A step of the decoder: (ids, c, h, attention) -> logits and the next state."""
    names = {"cell": "Decoder/decoder/attention_wrapper/basic_lstm_cell",
             "query": "Decoder/decoder/attention_wrapper/bahdanau_attention/query_layer/kernel",
             "v": "Decoder/decoder/attention_wrapper/bahdanau_attention/attention_v",
             "layer": "Decoder/decoder/attention_wrapper/attention_layer/kernel"}
    for name in ("query", "v", "layer"):
        weights[names[name]]
    for part in ("kernel", "bias"):
        weights[f"{names['cell']}/{part}"], weights[f"Decoder/decoder/dense/{part}"]
    table = weights["Decoder/decoder_embedding"]
    embedding = tf.concat([tf.zeros_like(table[:1]), table[1:]], 0)
    width = memory.shape[-1]
    keys = tf.matmul(tf.reshape(memory, [-1, width]), weights["Decoder/memory_layer/kernel"])
    keys = tf.reshape(keys, [-1, LENGTH, units])

    def step(ids, c, h, attended):
        x = tf.concat([tf.gather(embedding, ids), attended], 1)
        c, h = lstm_cell(weights, names["cell"], x, c, h)
        query = tf.matmul(h, weights[names["query"]])[:, None]
        scores = tf.reduce_sum(weights[names["v"]] * tf.tanh(keys + query), 2)
        context = tf.reduce_sum(tf.nn.softmax(scores)[:, :, None] * memory, 1)
        attended = tf.matmul(tf.concat([h, context], 1), weights[names["layer"]])
        return weights.dense(attended, "Decoder/decoder/dense"), c, h, attended

    return step


def beam_search(step, batch, c, h, labels):
    """The ids and parents of every step [5, batch, beams], and the scores."""
    units = c.shape[-1]
    lowest = np.finfo(np.float32).min
    ended = np.full(labels, lowest, np.float32)
    ended[END] = 0
    offsets = tf.range(batch)[:, None] * BEAMS

    def body(time, ids, c, h, attended, total, finished, all_ids, all_parents):
        logits, c, h, attended = step(tf.reshape(ids, [-1]), c, h, attended)
        scores = tf.reshape(tf.nn.log_softmax(logits), [-1, BEAMS, labels])
        scores = tf.where(tf.tile(finished[:, :, None], [1, 1, labels]),
                          tf.zeros_like(scores) + ended, scores) + total[:, :, None]
        total, flat = tf.math.top_k(tf.reshape(scores, [-1, BEAMS * labels]), BEAMS)
        ids, parents = flat % labels, flat // labels
        rows = tf.reshape(parents + offsets, [-1])
        finished = tf.reshape(tf.gather(tf.reshape(finished, [-1]), rows), [-1, BEAMS])
        c, h, attended = (tf.gather(one, rows) for one in (c, h, attended))
        return (time + 1, ids, c, h, attended, total, tf.logical_or(finished, tf.equal(ids, END)),
                all_ids.write(time, ids), all_parents.write(time, parents))

    def tile(x):
        return tf.reshape(tf.tile(x[:, None], [1, BEAMS, 1]), [-1, units])

    first = tf.tile([[0.0] + [-np.inf] * (BEAMS - 1)], [batch, 1])
    done = tf.tile([[False] + [True] * (BEAMS - 1)], [batch, 1])
    beams, states = tf.TensorShape([None, BEAMS]), tf.TensorShape([None, units])
    final = tf.while_loop(
        lambda time, ids, c, h, attended, total, finished, *_: tf.logical_and(
            time < STEPS, tf.logical_not(tf.reduce_all(finished))), body,
        (0, tf.fill(tf.stack([batch, BEAMS]), START), tile(c), tile(h), tf.zeros_like(tile(c)),
         first, done, tf.TensorArray(tf.int32, STEPS), tf.TensorArray(tf.int32, STEPS)),
        shape_invariants=(tf.TensorShape([]), beams, states, states, states, beams, beams,
                          tf.TensorShape(None), tf.TensorShape(None)))
    steps = tf.range(final[0])
    return final[-2].gather(steps), final[-1].gather(steps), final[5]


def seq2seq(weights, x):
    hidden = int(x.shape[-1])
    steps = tf.transpose(tf.reshape(x, [-1, LENGTH, hidden]), [1, 0, 2])
    batch = tf.shape(steps)[1]
    forward, c_forward, h_forward = lstm_stack(weights, "fw", steps, batch, hidden)
    backward, c_backward, h_backward = lstm_stack(weights, "bw", tf.reverse(steps, [0]), batch,
                                                  hidden)
    memory = tf.transpose(tf.concat([forward, tf.reverse(backward, [0])], 2), [1, 0, 2])
    c, h = tf.concat([c_forward, c_backward], 1), tf.concat([h_forward, h_backward], 1)
    tiled = tf.reshape(tf.tile(memory[:, None], [1, BEAMS, 1, 1]), [-1, LENGTH, 2 * hidden])
    step = attention_decoder(weights, tiled, 2 * hidden)
    return beam_search(step, batch, c, h, int(weights["Decoder/decoder/dense/bias"].shape[0]))


def best_labels(ids, parents, scores):
    """gather_tree for the best beam: the ids of each text, [batch][steps]."""
    found = []
    for text in range(ids.shape[1]):
        beam, chosen = 0, []
        for time in reversed(range(len(ids))):
            chosen.append(int(ids[time, text, beam]))
            beam = parents[time, text, beam]
        chosen.reverse()
        end = chosen.index(END) if END in chosen else len(chosen)
        found.append(chosen[:end] + [END] * (len(chosen) - end))
    return found


class Predictor:
    """A session with the graph of one head."""

    def __init__(self, head, checkpoint, threads):
        tf.disable_eager_execution()
        self.ids = tf.placeholder(tf.int32, [None, LENGTH])
        self.mask = tf.placeholder(tf.int32, [None, LENGTH])
        weights = Weights(checkpoint)
        prefix = "bert" if head == "seq2seq" else "albert"
        build = {"base": base, "denses": denses, "textcnn": textcnn, "seq2seq": seq2seq}[head]
        self.output = build(weights, albert(weights, prefix, self.ids, self.mask))
        self.session = tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=threads,
                                                        inter_op_parallelism_threads=threads))
        self.session.run(tf.global_variables_initializer())

    def run(self, ids, mask):
        output = self.session.run(self.output, {self.ids: ids, self.mask: mask})
        return best_labels(*output) if isinstance(output, tuple) else output.tolist()


class Features:
    """Calls of so many texts each."""

    def __init__(self, predictor, order):
        self.predictor = predictor
        size = order["texts_in_a_call"]
        ids, mask = (np.array(order[key], np.int32) for key in ("input_ids", "input_mask"))
        self.batches = [(ids[i:i + size], mask[i:i + size]) for i in range(0, len(ids), size)]
        self.calls = len(self.batches)
        self.lengths = [LENGTH] * len(ids)

    def run(self, call):
        return self.predictor.run(*self.batches[call])

    def states(self):
        return [answer for call in range(self.calls) for answer in self.run(call)], []


def main():
    head, checkpoint, threads = sys.argv[1:]
    reply = open_replies()
    predictor = Predictor(head, pathlib.Path(checkpoint), int(threads))
    reply(ready=True)
    serve(reply, lambda order: Features(predictor, order))


if __name__ == "__main__":
    main()
