"""Tables as Apache Parquet; an unknown number is null. Needs pyarrow, which is optional."""

import io

from shared.data.tables import Columns
from shared.errors import UsageError


def content(table: Columns) -> bytes:
    """The content of a `.parquet` file.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow: pip install 'weightlifting-coach[parquet]'"
        ) from error
    columns = {
        name: pyarrow.array(values, from_pandas=True)  # NaN becomes null
        for name, values in table.items()
    }
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()
