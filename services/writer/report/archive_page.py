"""`index.html` of an archive: one self-contained page that sorts and filters its results. Pure.

What is shown stands in the page as JSON and is put into it as text, so that no file name can become
markup. The page's policy allows no script but its own.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.writer.report.templates import new_environment

#: Characters that could end the element which holds the JSON, as JSON escapes them.
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}


def render_archive(rows: Sequence[Mapping[str, Any]], name: str, progress: str) -> str:
    """The page as HTML.

    Args:
        rows: what is shown: `recording`, `set`, `lifter`, `camera`, `recorded`, `state`, `error`,
            `reps`, `score`, `score_low`, `score_high`, `verdict`, `said`, `faults`, `href` (of the
            report) and `thumbnail`; null or empty where unknown.
        name: the archive's name.
        progress: what is still to come; empty when all is done.
    """
    environment = new_environment()
    assert environment.loader is not None
    script, _, _ = environment.loader.get_source(environment, "archive.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("archive.html").render(
        name=name,
        progress=progress,
        script=script,
        script_hash=f"'sha256-{digest}'",
        data=json.dumps(list(rows), separators=(",", ":")).translate(_ESCAPES),
    )
