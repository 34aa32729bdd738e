#!/usr/bin/env python3
"""usage: prose.py [--wrap]

Names lines of the documentation that are wider than 100 columns (tables, code and links have no
better place to break), and subjects of commits longer than 72 characters, from the commit on that
brought this file. With --wrap it breaks the paragraphs of the documentation anew instead.
"""

import re
import subprocess
import sys
import textwrap

WIDTH = 100
SUBJECT = 72
ITEM = re.compile(r"( *)([-*] |\d+\. )")


def git(*arguments):
    return subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def is_prose(line):
    return not line.lstrip().startswith(("|", "#", "<", "!["))


def paragraphs(lines):
    """Runs of lines: (lines, whether they may be broken anew)."""
    run, fenced = [], False
    for line in lines:
        fence = line.lstrip().startswith("```")
        indented = line.startswith("    ") and not run  # code, where it begins a paragraph
        joins = not (fenced or fence or indented) and line.strip() and is_prose(line)
        if run and (not joins or ITEM.match(line) or line.endswith("  ")):
            yield run, True
            run = []
        if joins:
            run.append(line)
        else:
            yield [line], False
        fenced ^= fence
    if run:
        yield run, True


def wrapped(run):
    if max(map(len, run)) <= WIDTH:
        return run
    item = ITEM.match(run[0])
    indent = " " * len(item[0]) if item else re.match(" *", run[0])[0]
    text = " ".join(line.strip() for line in run)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=item[1] if item else indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def check(name, lines):
    number = 0
    for run, breakable in paragraphs(lines):
        for line in run:
            number += 1
            if breakable and len(line) > WIDTH and " " in line.strip()[: WIDTH - 20]:
                yield f"{name}:{number}: {len(line)} columns, at most {WIDTH}"


def subjects():
    first = git("log", "--diff-filter=A", "--format=%H", "--", __file__)
    if not first:
        return
    for line in git("log", "--no-merges", "--format=%h %s", f"{first[-1]}..HEAD"):
        commit, _, subject = line.partition(" ")
        if len(subject) > SUBJECT:
            yield f"{commit}: the subject has {len(subject)} characters, at most {SUBJECT}: {subject}"


def main():
    found = []
    for name in git("ls-files", "*.md"):
        with open(name, encoding="utf-8") as file:
            lines = file.read().splitlines()
        if sys.argv[1:] == ["--wrap"]:
            new = [line for run, free in paragraphs(lines) for line in (wrapped(run) if free else run)]
            if new != lines:
                with open(name, "w", encoding="utf-8") as file:
                    file.write("\n".join(new) + "\n")
        else:
            found += check(name, lines)
    if sys.argv[1:] != ["--wrap"]:
        found += subjects()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
