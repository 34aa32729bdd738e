#!/usr/bin/env python3
"""What include_ladder.py lets pass and what it names, on a house of three rooms."""

import unittest

import checks

LADDER = """
| floor | rooms | knows |
|---|---|---|
| 2 | `roof` (with `all.hpp`) | everything |
| 1 | `cellar`, `garden` | nothing |
"""


class IncludeLadder(unittest.TestCase):
    def ladder(self, files):
        return checks.run_on("include_ladder.py", {"CONTRIBUTING.md": LADDER, **files})

    def test_downwards_and_within_a_room_pass(self):
        files = {
            "include/polytag/all.hpp": '#include <vector>\n#include "polytag/cellar/wine.hpp"\n',
            "include/polytag/cellar/wine.hpp": "",
            "src/roof/tile.cpp": '#include "cellar/rack.hpp"\n#include "polytag/all.hpp"\n',
            "src/cellar/rack.hpp": '#include "polytag/cellar/wine.hpp"\n',
        }
        self.assertEqual(self.ladder(files), ([], 0))

    def test_upwards_fails_with_file_and_line(self):
        files = {"src/cellar/rack.cpp": '#include <vector>\n#include "polytag/all.hpp"\n'}
        self.assertEqual(
            self.ladder(files),
            (
                [
                    "src/cellar/rack.cpp:2: cellar includes all.hpp, "
                    "which is above it: floor 2 over 1"
                ],
                1,
            ),
        )

    def test_sideways_fails(self):
        files = {"src/cellar/rack.inl": '#  include "garden/hose.hpp"\n'}
        self.assertEqual(
            self.ladder(files),
            (
                ["src/cellar/rack.inl:1: cellar includes garden/hose.hpp, which is beside it on floor 1"],
                1,
            ),
        )

    def test_rooms_without_a_floor_fail(self):
        files = {
            "src/attic/box.cpp": "",
            "include/polytag/cellar/wine.hpp": "#include <polytag/attic/box.hpp>\n",
        }
        self.assertEqual(
            self.ladder(files),
            (
                [
                    "include/polytag/cellar/wine.hpp:1: cellar includes attic/box.hpp, "
                    "which is in no room of CONTRIBUTING.md",
                    "src/attic/box.cpp: attic has no floor in CONTRIBUTING.md",
                ],
                1,
            ),
        )


if __name__ == "__main__":
    unittest.main()
