"""Writes the tables of docs/faults.md from the fault rules.

    python docs/generate_faults.py

Only what stands between a pair of markers is replaced. A test runs `generated` and compares, so
that the tables are those of the code.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from services.scorer.faults import DEFAULT_RULES, FaultRule  # noqa: E402
from services.scorer.faults.quantities import Quantity, quantities_of  # noqa: E402
from shared.data.document import meanings_of  # noqa: E402

Row = tuple[str, ...]


def generated(text: str) -> str:
    """The document with its generated parts written anew.

    Args:
        text: the present faults.md.
    """
    for part, content in (("rules", _overview()), ("fields", _fields())):
        begin, end = f"<!-- generated: {part} -->", f"<!-- end: {part} -->"
        pattern = re.compile(f"{begin}\n.*{end}\n", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"faults.md does not have one pair of {begin} and {end}")
        text = pattern.sub(lambda _, new=f"{begin}\n{content}\n{end}\n": new, text)
    return text


def _overview() -> str:
    head = ("fault", "value", "a fault", "hold", "certain", "views", "looked at")
    return _table(head, [_overview_row(rule) for rule in DEFAULT_RULES])


def _overview_row(rule: FaultRule) -> Row:
    is_below = rule.is_fault_below
    shown = {name: unit.shown(getattr(rule, name)) for name, unit in _quantities(rule).items()}
    thresholds = {name: value for name, value in shown.items() if "threshold" in name}
    [usual] = (value for name, value in thresholds.items() if name.startswith("threshold"))
    others = [f"; {value} (`{name}`)" for name, value in thresholds.items() if value != usual]
    [margin] = (value for name, value in shown.items() if name.startswith("margin"))
    return (
        f"[{rule.name}](#{rule.kind})",
        rule.measures.format(rule=rule),
        f"{'below' if is_below else 'above'} {usual}" + "".join(others),
        shown.get("hold_s", "–"),
        f"{margin} {'below' if is_below else 'above'} that",
        ", ".join(rule.views),
        rule.looks_at.format(rule=rule),
    )


def _fields() -> str:
    return "\n\n".join(part for rule in DEFAULT_RULES for part in _section(rule))


def _section(rule: FaultRule) -> list[str]:
    kind, meanings, quantities = type(rule), meanings_of(type(rule)), _quantities(rule)
    rows = [
        (f"`{name}`", unit.shown(getattr(rule, name)), _range(unit), meanings[name])
        for name, unit in quantities.items()
    ]
    views = ", ".join(rule.views), "any of " + ", ".join(rule.possible_views)
    [usual] = (getattr(rule, name) for name in quantities if name.startswith("threshold"))
    summary = (kind.__doc__ or "").splitlines()[0]
    return [
        f'<a id="{rule.kind}"></a>\n\n### {rule.name[0].upper()}{rule.name[1:]}',
        f"`[{rule.kind}]` in a settings file, `coach.faults.{kind.__name__}` in Python. {summary}",
        f"*Why:* {rule.reason(usual)}",
        f"*What to do:* {rule.cue}",
        _table(
            ("field", "default", "from … to", "meaning and reason"),
            [*rows, ("`views`", *views, meanings["views"])],
        ),
    ]


def _quantities(rule: FaultRule) -> dict[str, Quantity]:
    """The numbers of a rule in the order of its fields."""
    quantities = quantities_of(type(rule))
    return {name: quantities[name] for name in rule.field_names() if name in quantities}


def _range(quantity: Quantity) -> str:
    return f"{quantity.low:g} … {quantity.high:g}"


def _table(head: Row, rows: list[Row]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows))


def main() -> None:
    """Write the document."""
    path = HERE / "faults.md"
    path.write_text(generated(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
