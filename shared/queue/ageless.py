"""Finds messages that do not grow older: delivered while the server's clock was ahead.

The server tells by its clock how long a message has been idle. Where that clock was set back, a
message that was delivered before counts as idle for 0 ms until the clock has caught up: nobody
would claim it from a worker that has died. A worker that lives renews its claim, which then counts
from the new time.
"""

from collections.abc import Sequence
from typing import Any

#: Most messages of a stream that are looked at. Chosen: more than there are workers.
_MOST = 1000

#: Looks one after the other at which a message's idle time is 0 until it is due. Chosen: once in
#: some thousand looks, one meets the millisecond after a worker has renewed its claim.
_LOOKS = 5


class AgelessMessages:
    """Those of one consumer group.

    Args:
        client: connection to the server.
        group: name of the group.
    """

    def __init__(self, client: Any, group: str) -> None:
        self._client, self._group = client, group
        self._seen: dict[tuple[str, bytes], int] = {}

    def due(self, streams: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
        """Stream and XPENDING's record of each message that is due; to be asked again and again."""
        with self._client.pipeline(transaction=False) as pipe:
            for stream in streams:
                pipe.xpending_range(stream, self._group, "-", "+", count=_MOST)
            pages = zip(streams, pipe.execute(), strict=True)
        ageless = {
            (stream, message["message_id"]): message
            for stream, page in pages
            for message in page
            if message["time_since_delivered"] == 0
        }
        self._seen = {key: self._seen.get(key, 0) + 1 for key in ageless}
        return [(key[0], message) for key, message in ageless.items() if self._seen[key] >= _LOOKS]
