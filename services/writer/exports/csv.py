"""Tables as CSV: a line of names, then a line a row; an unknown number is an empty cell."""

from shared.data.tables import Columns, table_csv


def content(table: Columns) -> bytes:
    """The content of a `.csv` file, UTF-8."""
    return table_csv(table).encode()
