#!/usr/bin/env python3
"""What exports.py names in a header, and what it lets pass."""

import pathlib
import tempfile
import unittest

import exports


def missing(text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "header.hpp"
        file.write_text(text, encoding="utf-8")
        return list(exports.missing(file))


class Exports(unittest.TestCase):
    def test_functions_that_a_source_defines(self):
        self.assertEqual(missing("void open(int x,\n          int y = {});\n"), [(1, "open")])
        self.assertEqual(missing("POLYTAG_EXPORT void open(int x);\n"), [])

    def test_functions_that_the_header_defines(self):
        self.assertEqual(missing("inline void open() {\n  close();\n}\n"), [])
        self.assertEqual(missing("template <class T>\nrequires true\nvoid open(T x);\n"), [])
        self.assertEqual(missing("using Open = void (*)(int);\n"), [])

    def test_classes_with_members_that_a_source_defines(self):
        self.assertEqual(missing("class File {\n public:\n  void read() const;\n};\n"), [(1, "File")])
        self.assertEqual(missing("struct POLYTAG_EXPORT File {\n  void read() const;\n};\n"), [])
        self.assertEqual(missing("struct File {\n  virtual ~File() = default;\n};\n"), [(1, "File")])

    def test_classes_that_are_whole_in_the_header(self):
        self.assertEqual(
            missing(
                "struct File {\n"
                "  File() = default;\n"
                "  void (*close)(int file);\n"
                "  int size = size_of(name);\n"
                "  int twice() const {\n"
                "    return doubled(size);\n"
                "  }\n"
                "};\n"
            ),
            [],
        )
        self.assertEqual(missing("template <class T>\nclass File {\n  void read() const;\n};\n"), [])
        self.assertEqual(
            missing("class File {\n  void read();\n};\ninline void File::read() {}\n"), []
        )


if __name__ == "__main__":
    unittest.main()
