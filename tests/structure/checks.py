"""What the scripts of this folder and their tests have in common."""

import pathlib
import subprocess
import sys
import tempfile


def sources(root):
    """(folder, file) of every header and source in include/polytag and src."""
    for base in (root / "include" / "polytag", root / "src"):
        for file in sorted(base.rglob("*.[chi][pn][pl]")):
            yield base, file


def main(find):
    """Prints what find(root) yields, and exits with 1 where it yields anything."""
    found = list(find(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


def run_on(script, files):
    """Runs a script on a tree of these files; returns the lines that it printed and its status."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        script = pathlib.Path(__file__).with_name(script)
        done = subprocess.run(
            [sys.executable, script, folder], capture_output=True, text=True, check=False
        )
        return done.stdout.splitlines(), done.returncode
