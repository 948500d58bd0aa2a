"""Where networks come from: a registry of model files by hash, and their cache on this machine.

`registry` lists the models, `cache` keeps their files, and each other module is one kind of place
that files come from. A file is believed only if its hash is the registered one, wherever it came
from.
"""

from services.pose.weights.cache import add, ensure, folder_of, is_cached
from services.pose.weights.registry import MODELS, Model

__all__ = ["MODELS", "Model", "add", "ensure", "folder_of", "is_cached"]
