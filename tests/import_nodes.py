"""What a source imports when it runs."""

import ast


def nodes_that_run(path):
    """The nodes of a source, without those that only type checkers read."""
    tree = ast.parse(path.read_text())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    return [node for node in ast.walk(tree) if node not in for_types]
