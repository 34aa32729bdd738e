#!/usr/bin/env python3
"""usage: exports.py [ROOT]

Names what public headers declare and sources define, and what lacks POLYTAG_EXPORT: functions, and
classes that have members without a body here or virtual ones. Programs that link the shared library
would not find them. Reads the layout that clang-format gives.
"""

import pathlib
import re
import sys

NO_FUNCTION = re.compile(
    r"(POLYTAG_EXPORT|template|requires|inline|constexpr|consteval|using|enum|static_assert|friend"
    r"|typedef|extern|concept|class|struct|namespace|public:|private:|protected:|#|//|[}\])])"
)
CLASS = re.compile(r"(?:class|struct) (?!POLYTAG_EXPORT)(\w+)[^;]*$")
GIVEN = re.compile(r"= (default|delete|0);$")


def statement(lines, first, indent):
    """The statement that begins on a line, up to its semicolon or brace, without comments."""
    text = ""
    for line in lines[first:]:
        text += re.sub(r"//.*", "", line).strip() + " "
        if text.rstrip().endswith((";", "{", "}")):
            break
    return text.strip() if lines[first].startswith(" " * indent) else ""


def is_declaration(text):
    """Whether it declares a function that is defined elsewhere."""
    before, call, rest = text.replace("= {}", "").partition("(")
    return (
        bool(call)
        and text.endswith(";")
        and "=" not in before
        and "{" not in before + rest
        and not rest.startswith("*")  # a pointer to a function
    )


def needs_export(lines, first):
    """Whether the class that begins on a line has members that the library holds."""
    name = CLASS.match(lines[first])[1]
    if any(line.startswith("inline") and f" {name}::" in line for line in lines):
        return False
    for number, line in enumerate(lines[first + 1 :], first + 1):
        if line.startswith("}"):
            return False
        if not re.match(r"  \S", line):
            continue
        text = statement(lines, number, 2)
        if text.startswith("virtual"):
            return True
        if not NO_FUNCTION.match(text) and is_declaration(text) and not GIVEN.search(text):
            return True
    return False


def missing(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    templated = False
    for number, line in enumerate(lines):
        if not line or line[0].isspace():
            continue
        if line.startswith("template"):
            templated = True
            continue
        if line.startswith("requires"):
            continue
        found = CLASS.match(line)
        if found and not templated and needs_export(lines, number):
            yield number + 1, found[1]
        elif not templated and not NO_FUNCTION.match(line):
            text = statement(lines, number, 0)
            if is_declaration(text):
                yield number + 1, text.partition("(")[0].split()[-1]
        templated = False


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    status = 0
    for file in sorted((root / "include" / "polytag").rglob("*.hpp")):
        for line, name in missing(file):
            print(f"{file.relative_to(root)}:{line}: {name} is not marked with POLYTAG_EXPORT")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
