"""The result of many seeds: a table, a JSON file and a plot."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any


class Summary:
    """Collects the reports of seeds.

    Args:
        folder: where each seed leaves `seed-N.json`, and the summary goes.
        seeds: the seeds.
    """

    def __init__(self, folder: Path, seeds: range) -> None:
        self._folder, self._seeds = folder, seeds
        self._reports: list[dict[str, Any]] = []
        self._broken: list[int] = []

    def add(self, seed: int, text: str) -> None:
        """Note a seed that has ended; what it printed is shown if something is wrong."""
        file = self._folder / f"seed-{seed}.json"
        report = json.loads(file.read_text()) if file.exists() else None
        if report is not None:
            self._reports.append(report)
        if report is None or report["violations"]:
            self._broken.append(seed)
            print(text, flush=True)

    def finish(self) -> int:
        """Print and write the summary; 1 if a promise was broken, else 0."""
        values = self.values()
        (self._folder / "soak.json").write_text(json.dumps(values, indent=1))
        print(self._table(values))
        plot(values, self._folder / "soak.png")
        return 1 if self._broken else 0

    def values(self) -> dict[str, Any]:
        """The figures."""
        faults: Counter[str] = Counter()
        recoveries: dict[str, list[float]] = defaultdict(list)
        processes: dict[str, float] = {}
        for report in self._reports:
            faults.update(report["faults"])
            for kind, took_s in report["recoveries"]:
                if took_s is not None:
                    recoveries[kind].append(took_s)
            for service, peak_mb in report["process_mb"].items():
                processes[service] = max(processes.get(service, 0.0), peak_mb)
        return {
            "seeds": len(self._seeds),
            "violations": sum(len(report["violations"]) for report in self._reports),
            "broken_seeds": self._broken,
            "jobs": sum(report["jobs"] for report in self._reports),
            "frames": sum(report["frames"] for report in self._reports),
            "resubmitted": sum(report["resubmitted"] for report in self._reports),
            "repairs": sum(report["repairs"] for report in self._reports),
            "faults": dict(faults.most_common()),
            "recoveries_s": {kind: sorted(took) for kind, took in sorted(recoveries.items())},
            "server_mb": max((report["server_mb"] for report in self._reports), default=0.0),
            "server_rss_mb": max(
                (report["server_rss_mb"] for report in self._reports), default=0.0
            ),
            "process_mb": processes,
            "took_s": sum(report["took_s"] for report in self._reports),
        }

    def _table(self, values: dict[str, Any]) -> str:
        lines = [
            f"seeds               {values['seeds']}",
            f"violations          {values['violations']}, in seeds {self._broken}",
            f"jobs                {values['jobs']}, {values['resubmitted']} submissions repeated",
            f"frames              {values['frames']}",
            f"faults              {sum(values['faults'].values())}",
            *(f"  {kind:<24} {count:>4}" for kind, count in values["faults"].items()),
            "recovery, s                       n  median   worst",
            *(
                f"  {kind:<30} {len(took):>3} {median(took):>7.1f} {took[-1]:>7.1f}"
                for kind, took in values["recoveries_s"].items()
            ),
            f"server's data, MB   {values['server_mb']:.1f}",
            f"server's process    {values['server_rss_mb']:.1f}",
            "process, MB         "
            + ", ".join(f"{name} {peak:.0f}" for name, peak in values["process_mb"].items()),
        ]
        return "\n".join(lines)


def plot(values: dict[str, Any], file: Path) -> None:
    """Draw the recovery times by kind of fault."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    recoveries = values["recoveries_s"]
    if not recoveries:
        return
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.3 * len(recoveries)), layout="constrained")
    for row, took in enumerate(recoveries.values()):
        axes.plot(took, [row] * len(took), "o", alpha=0.5, markersize=5)
        axes.plot(median(took), row, "k|", markersize=14)
    axes.set_yticks(range(len(recoveries)), list(recoveries))
    axes.axvline(30, color="grey", linestyle=":")
    axes.set_xlabel("recovery, s (bar: median; dotted: what is promised)")
    axes.set_title(f"{sum(values['faults'].values())} faults in {values['seeds']} schedules")
    figure.savefig(file, dpi=100)
    pyplot.close(figure)
