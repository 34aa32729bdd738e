#!/usr/bin/env python3
"""What options.py lets pass and what it names, on a library of two files."""

import unittest

from checks import run_on


class Options(unittest.TestCase):
    def test_code_style_sheets_and_the_command_line_pass(self):
        files = {
            "src/text/cut.cpp": "for (int i = 1'000; i > 0; --left) use('\\'', '\"', --i);\n",
            "src/reports/page.hpp": 'constexpr char kStyle[] = R"css(\n:root { --page: #fff; }\n)css";\n',
            "src/reports/line.cpp": 'puts("a -- b, a---b, ----");  // 1 -- 2\n',
            "src/cli/main.cpp": 'puts("--help");\n',
        }
        self.assertEqual(run_on("options.py", files), ([], 0))

    def test_messages_and_comments_that_name_options_fail(self):
        files = {
            "src/reports/bench.cpp": 'int i;\nfail("one\\"", "more --seconds help");\n',
            "include/polytag/all.hpp": "/// What --isa takes.\n/* or\n --memory-budget */\n",
        }
        self.assertEqual(
            run_on("options.py", files),
            (
                [
                    "include/polytag/all.hpp:1: --isa",
                    "include/polytag/all.hpp:3: --memory-budget",
                    "src/reports/bench.cpp:2: --seconds",
                ],
                1,
            ),
        )


if __name__ == "__main__":
    unittest.main()
