#!/usr/bin/env python3
"""usage: options.py [ROOT]

Fails for every comment and message of the library, include/polytag and src without src/cli, that
names an option of the command line. Programs that link the library have other words for its fields.
"""

import re

import checks

# A raw string holds data, such as a style sheet with its own "--names".
TEXT = re.compile(
    r"""R"(?P<end>[^(]*)\(.*?\)(?P=end)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'""", re.S
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def options(root):
    for base, file in checks.sources(root):
        if base.name == "src" and file.relative_to(base).parts[0] == "cli":
            continue
        source = file.read_text(encoding="utf-8")
        for text in TEXT.finditer(source):
            for option in () if text["end"] is not None else OPTION.finditer(text[0]):
                line = source.count("\n", 0, text.start() + option.start()) + 1
                yield f"{file.relative_to(root)}:{line}: {option[0]}"


if __name__ == "__main__":
    checks.main(options)
