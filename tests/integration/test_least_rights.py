"""What the users of deploy/coach.acl may not do, on a real redis-server."""

import pytest
import redis
from secured_server import secured_server

from shared.queue import keys

pytestmark = pytest.mark.slow

SERVICES = ("decoder", "pose", "scorer", "writer")
USERS = (*SERVICES, "submitter", "operator", "scaler")

JOB = "0123456789abcdef"

#: What no user may do, and what the others may but this one may not.
FORBIDDEN_TO_ALL = (
    "FLUSHALL", "CONFIG GET *", "SHUTDOWN NOSAVE", "KEYS *", "ACL LIST", "MONITOR", "SAVE",
    "MODULE LIST", "REPLICAOF NO ONE", "GET other", "SET other 1",
    "EVAL return(redis.call('KEYS','*')) 0", "EVAL return(redis.call('FLUSHALL')) 0",
)  # fmt: skip
FORBIDDEN = {
    "decoder": [f"GET {keys.analysis(JOB)}", f"XREADGROUP GROUP g c STREAMS {keys.KEYPOINTS} >",
                "RPUSH rq:queue:coach-write x", f"HSET {keys.results(JOB)} 0 x"],
    "pose": [f"XADD {keys.frames('movenet')} * m x", f"HSET {keys.results(JOB)} 0 x",
             "RPUSH rq:queue:coach-decode x", f"SET {keys.analysis(JOB)} x", "HGETALL rq:job:x"],
    "scorer": [f"XADD {keys.frames('movenet')} * m x", f"GET {keys.analysis(JOB)}",
               f"SETBIT {keys.posed(JOB)} 1 1", "BLMOVE rq:queue:coach-write x LEFT LEFT 1"],
    "writer": [f"XADD {keys.KEYPOINTS} * m x", f"SET {keys.analysis(JOB)} x",
               "RPUSH rq:queue:coach-decode x", f"HGET {keys.results(JOB)} 0"],
    "submitter": [f"GET {keys.analysis(JOB)}", f"XADD {keys.KEYPOINTS} * m x",
                  f"HSET {keys.results(JOB)} 0 x", "SUBSCRIBE rq:pubsub:x",
                  "XRANGE coach:dead - +"],
    "scaler": [f"XRANGE {keys.frames('movenet')} - +", "LPUSH rq:queue:coach-decode x",
               f"HGETALL {keys.job(JOB)}", "DEL rq:queue:coach-decode",
               f"XADD {keys.frames('movenet')} * m x"],
    "operator": [f"GET {keys.analysis(JOB)}", f"HSET {keys.results(JOB)} 0 x",
                 f"XREADGROUP GROUP g c STREAMS {keys.KEYPOINTS} >", "SUBSCRIBE rq:pubsub:x"],
}  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with secured_server() as server:
        yield server


@pytest.mark.parametrize("user", USERS)
def test_everything_else_is_refused(server, user):
    with redis.Redis.from_url(server.url(user)) as client:
        client.ping()
        for command in (*FORBIDDEN_TO_ALL, *FORBIDDEN[user]):
            name, _, rest = command.partition(" ")
            parts = rest.rsplit(" ", 1) if name == "EVAL" else rest.split()
            with pytest.raises(redis.ResponseError, match="no permissions|NOPERM|can't run"):
                client.execute_command(name, *parts)


def test_nobody_gets_in_without_a_password(server):
    for url in (f"unix://{server.folder / 's'}", f"unix://coach-pose:wrong@{server.folder / 's'}"):
        with (
            redis.Redis.from_url(url) as client,
            pytest.raises((redis.AuthenticationError, redis.ResponseError)),
        ):
            client.ping()
