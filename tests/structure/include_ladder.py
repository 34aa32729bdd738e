#!/usr/bin/env python3
"""usage: include_ladder.py [ROOT]

Fails for every #include of include/polytag and src that does not point down the ladder of
CONTRIBUTING.md: upwards, or to another room of the same floor. Names file, line and both rooms.
"""

import re

import checks

ROW = re.compile(r"^\| (\d+) \| (.*?) \|")
ROOM = re.compile(r"`([a-z]+)`(?: \(with ((?:`[a-z_]+\.hpp`(?:, )?)+)\))?")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<(polytag/[^>]+)>)')


def read_ladder(contributing):
    """The floor of each room, and the room of each header that lies in none."""
    floors, headers = {}, {}
    for line in contributing.read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if not row:
            continue
        for room, with_headers in ROOM.findall(row[2]):
            floors[room] = int(row[1])
            headers.update({name: room for name in re.findall(r"`([^`]+)`", with_headers)})
    return floors, headers


def room_of(path, headers):
    """The room of a path below include/polytag or src: "nn/linear.hpp" or "error.hpp"."""
    first, _, rest = path.partition("/")
    return first if rest else headers.get(first, first)


def violations(root):
    floors, headers = read_ladder(root / "CONTRIBUTING.md")
    for base, file in checks.sources(root):
        room = room_of(file.relative_to(base).as_posix(), headers)
        if room not in floors:
            yield f"{file.relative_to(root)}: {room} has no floor in CONTRIBUTING.md"
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            target = (include[1] or include[2]).removeprefix("polytag/")
            other = room_of(target, headers)
            where = f"{file.relative_to(root)}:{number}: {room} includes {target}"
            if other not in floors:
                yield f"{where}, which is in no room of CONTRIBUTING.md"
            elif floors[other] > floors[room]:
                yield f"{where}, which is above it: floor {floors[other]} over {floors[room]}"
            elif floors[other] == floors[room] and other != room:
                yield f"{where}, which is beside it on floor {floors[room]}"


if __name__ == "__main__":
    checks.main(violations)
