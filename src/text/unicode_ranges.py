#!/usr/bin/env python3
"""Writes src/text/unicode_ranges.hpp from observations of the package `tokenizers`.

usage: unicode_ranges.py DIRECTORY > unicode_ranges.hpp

DIRECTORY holds a JSON list of [first, last] for every class: what the package said of each code
point when it was asked.
"""

import json
import pathlib
import sys

HEAD = """#pragma once

#include "text/code_point_range.hpp"

/// Classes of characters as the package `tokenizers` 0.23 has them, which takes each from another
/// version of Unicode. Written by unicode_ranges.py; observed for every code point.

namespace polytag::text {
"""

CLASSES = [
    ("kLetters", "regex_L", r"`\p{L}` of its regular expressions (Oniguruma)."),
    ("kNumbers", "regex_N", r"`\p{N}` of its regular expressions."),
    ("kWordsOfPatterns", "regex_word", r"`\w` of its regular expressions."),
    ("kWordCharacters", "whitespace_word", r"`\w` of Whitespace and of added tokens that are words alone."),
    ("kNumerics", "digits_is_numeric", "What Digits cuts at."),
    ("kCombiningMarks", "strip_accents_removed", "What StripAccents drops."),
    ("kClusterEnds", "grapheme_joins_what_is_before", "Joins the grapheme cluster before it."),
    ("kClusterBegins", "grapheme_joins_what_is_behind", "Joins the grapheme cluster behind it."),
    ("kClusterControls", "grapheme_takes_no_mark", "A grapheme cluster by itself, whatever stands beside it."),
]


def main():
    directory = pathlib.Path(sys.argv[1])
    print(HEAD)
    for name, file, words in CLASSES:
        ranges = json.loads((directory / f"{file}.json").read_text())
        print(f"/// {words}")
        print(f"inline constexpr CodePointRange {name}[] = {{")
        for row in range(0, len(ranges), 4):
            print("    " + " ".join(f"{{0x{first:04X}, 0x{last:04X}}}," for first, last in ranges[row:row + 4]))
        print("};\n")
    print("}  // namespace polytag::text")


if __name__ == "__main__":
    main()
