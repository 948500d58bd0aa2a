"""Analyse one clip in this process: score, reps and faults, and the annotated video.

python examples/analyze_clip.py lift.mp4
"""

import sys
from pathlib import Path

import coach


def main(clip: Path) -> None:
    """Print what was found, and write the video and the report beside the clip."""
    analysis = coach.analyze(clip)
    print(f"{clip.name}: score {analysis.score:.2f}, {len(analysis.reps)} reps")
    for rep in analysis.reps:
        faults = ", ".join(rep.faults) or "no faults found"
        print(f"  rep {rep.index}: {rep.concentric_s:.1f} s up, {faults}")
    for one in analysis.not_judged:
        print(f"  {one.name}: not judged, {one.reason}")
    coach.annotate(clip, analysis, clip.with_name("annotated.mp4"))
    coach.report(analysis, clip.with_name("report.html"), source=clip)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
