"""Run the blocks of one page in order: `python run_page.py BLOCKS.json`, in the working folder.

Python blocks share one namespace; shell blocks run in bash with `-euo pipefail`, and share their
variables, as in one terminal; a TOML block that
begins with `# NAME.toml` is written to that file, for the blocks after it.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path


def main(blocks: list[dict[str, str]]) -> None:
    """Run blocks until one fails; its place is the last line on stderr."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks:
        try:
            run(block["kind"], block["code"], block["place"], namespace)
        except BaseException:
            print(f"this block fails: {block['place']}\n{block['code']}", file=sys.stderr)
            raise


def run(kind: str, code: str, place: str, namespace: dict[str, object]) -> None:
    """Run one block."""
    if kind == "python":
        exec(compile(code, place, "exec"), namespace)
    elif kind == "sh":
        with tempfile.NamedTemporaryFile() as kept:
            keep = f"\nenv -0 > {shlex.quote(kept.name)}"
            subprocess.run(["bash", "-aeuo", "pipefail", "-c", code + keep], check=True)
            pairs = (pair.partition("=") for pair in kept.read().decode().split("\0")[:-1])
            variables = {name: value for name, _, value in pairs}
        os.environ.clear()
        os.environ.update(variables)
    elif kind == "toml" and (named := re.match(r"# (\S+\.toml)\n", code)):
        Path(named[1]).write_text(code, "utf-8")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
