#!/usr/bin/env python3
"""usage: options.py [ROOT]

Fails for every comment and message of the library, include/polytag and src without src/cli, that
names an option of the command line. Programs that link the library have other words for its fields.
"""

import pathlib
import re
import sys

# A raw string holds data, such as a style sheet with its own "--names".
TEXT = re.compile(
    r"""R"(?P<end>[^(]*)\(.*?\)(?P=end)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'""", re.S
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def options(root):
    for base in (root / "include" / "polytag", root / "src"):
        for file in sorted(base.rglob("*.[chi][pn][pl]")):
            if base.name == "src" and file.relative_to(base).parts[0] == "cli":
                continue
            source = file.read_text(encoding="utf-8")
            for text in TEXT.finditer(source):
                for option in () if text["end"] is not None else OPTION.finditer(text[0]):
                    line = source.count("\n", 0, text.start() + option.start()) + 1
                    yield f"{file.relative_to(root)}:{line}: {option[0]}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(options(root))
    for option in found:
        print(option)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
