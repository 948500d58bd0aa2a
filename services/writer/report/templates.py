"""How the templates of the pages are read."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def new_environment() -> Environment:
    """The templates of this folder; what they insert is escaped, and unknown names are errors."""
    return Environment(
        loader=PackageLoader("services.writer.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
