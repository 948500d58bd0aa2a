"""Whether a folder is nobody else's to change.

A model's own files are compared with registered hashes. What is made from them on this machine has
no such hash, only one that lies beside it, and who can write there can change both. So it is
believed in a folder of this user's alone.
"""

import logging
import os
import stat
from functools import lru_cache
from pathlib import Path

_log = logging.getLogger(__name__)


def is_private(folder: Path) -> bool:
    """Whether only this user and root can change what a folder holds; it is logged if not.

    Each folder above it is looked at first, since who can write there can put another in its place;
    below one that others cannot enter, everything is private. A group counts as others, unless it
    is the user's own of the same name.
    """
    resolved = Path(os.path.realpath(folder))
    try:
        for at in (*reversed(resolved.parents), resolved):
            if _others_can_change(at, at == resolved):
                _warn(at)
                return False
            if not at.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH):
                return True
    except OSError:
        return False
    return True


def _others_can_change(folder: Path, with_new_names: bool) -> bool:
    """Whether other users can put something in the place of what is in a folder.

    In a folder like /tmp ("sticky") they can add names, but not replace those of others.
    """
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0):
        return True
    by_group = status.st_mode & stat.S_IWGRP and not _is_own_group(status.st_gid)
    if not (by_group or status.st_mode & stat.S_IWOTH):
        return False
    return with_new_names or not status.st_mode & stat.S_ISVTX


@lru_cache
def _is_own_group(group_id: int) -> bool:
    import grp  # not on all systems
    import pwd

    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(group_id)
    except KeyError:
        return False
    return group.gr_name == name and set(group.gr_mem) <= {name}


@lru_cache
def _warn(folder: Path) -> None:
    """Say once that a folder is not believed."""
    _log.warning(
        "other users can change %s: compiled and converted networks there are not believed, and "
        "are made again at each start; take their permission away (chmod go-w), or set "
        "COACH_MODELS_DIR to a folder of your own",
        folder,
    )
