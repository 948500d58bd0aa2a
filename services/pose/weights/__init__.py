"""Network weights: a registry of model files by hash, and their cache on this machine.

`registry` lists the models, `cache` keeps their files, and each other module is one kind of source
that files come from. A file is accepted only if it has the registered hash, whatever its source.
"""

from services.pose.weights.cache import add, ensure, folder_of, is_cached, use_unregistered
from services.pose.weights.files import File
from services.pose.weights.registry import MODELS, Model

__all__ = ["MODELS", "File", "Model", "add", "ensure", "folder_of", "is_cached", "use_unregistered"]
