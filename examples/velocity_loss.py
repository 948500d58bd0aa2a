"""By how much the bar slows down over a set: a table of each rep's velocity, in metres a second.

python examples/velocity_loss.py out/lift/analysis.json
"""

import sys

import coach


def main(path: str) -> None:
    """Print the mean velocity of each whole rep, its interval, and the loss against the fastest."""
    analysis = coach.load(path)
    reps = [rep for rep in analysis.reps if not rep.partial and rep.mean_velocity_m_s_interval]
    if not reps:
        print(f"no velocity in metres: {analysis.bar.basis}")
        return
    fastest = max(rep.mean_velocity_m_s for rep in reps)
    for rep in reps:
        low, high = rep.mean_velocity_m_s_interval or (0.0, 0.0)
        loss = 1 - rep.mean_velocity_m_s / fastest
        print(
            f"rep {rep.index}: {rep.mean_velocity_m_s:.2f} m/s ({low:.2f}–{high:.2f}), −{loss:.0%}"
        )


if __name__ == "__main__":
    main(sys.argv[1])
