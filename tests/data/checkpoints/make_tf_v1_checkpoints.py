"""Writes the checkpoints of TensorFlow's first format in this folder.

usage: make_tf_v1_checkpoints.py        (made with TensorFlow 2.21)
"""
import pathlib

import numpy
import tensorflow as tf

FOLDER = pathlib.Path(__file__).parent
tf1 = tf.compat.v1
tf1.disable_eager_execution()
# Of bfloat16 TensorFlow says that saving it in this format is not supported.
types = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def save(build, name, **options):
    """build() makes the variables."""
    config = tf1.ConfigProto(device_count={"CPU": 2})
    with tf.Graph().as_default(), tf1.Session(config=config) as session:
        build()
        session.run(tf1.global_variables_initializer())
        saver = tf1.train.Saver(write_version=tf1.train.SaverDef.V1, **options)
        saver.save(session, str(FOLDER / name), write_meta_graph=False, write_state=False)


def all_types():
    for name in types:
        signed = not name.startswith(("uint", "bool"))
        values = numpy.arange(6).reshape(2, 3) - (3 if signed else 0)
        tf1.get_variable(name, initializer=tf.constant(values.astype(tf.as_dtype(name).as_numpy_dtype)))
    tf1.get_variable("scalar", initializer=tf.constant(7, tf.int64))
    tf1.get_variable("empty", initializer=tf.zeros([0, 3]))
    tf1.get_variable("text", initializer=tf.constant("none of the numbers"))


def two_devices():
    for device in range(2):
        with tf.device(f"/cpu:{device}"):
            tf1.get_variable(f"on_{device}", initializer=tf.constant([1.0 + device, 2.0]))


def slices():
    tf1.get_variable("sliced", initializer=tf.constant([[1.0], [2.0], [3.0], [4.0]]),
                     partitioner=tf1.fixed_size_partitioner(2))


save(all_types, "tensorflow_v1_types")
save(two_devices, "tensorflow_v1_shards", sharded=True)
save(slices, "tensorflow_v1_slices")
