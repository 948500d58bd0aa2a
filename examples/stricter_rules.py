"""Judge a stored analysis once more, by stricter rules: no video and no network is needed.

python examples/stricter_rules.py out/lift/analysis.json stricter.json
"""

import sys
from pathlib import Path

import coach


def main(path: str, out: str) -> None:
    """Lower two thresholds, judge again, and write the new analysis."""
    before = coach.load(path)
    rules = coach.faults.replace_rules(
        coach.faults.IncompleteLockout(threshold_deg=18.0),
        coach.faults.LeaningBack(threshold_deg=11.0),
    )
    after = coach.judge(before, faults=rules)
    for name, analysis in (("before", before), ("after", after)):
        found = ", ".join(analysis.summary.faults) or "no faults found"
        print(f"{name}: score {analysis.score:.2f}, {found}")
    Path(out).write_text(after.to_json(), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
