"""A fault harness: real servers and services, a seeded schedule of faults, and a ledger.

    PYTHONPATH=tests .venv/bin/python -m faults.harness --seed 7      # one schedule
    make soak                                                         # fifty of them

One schedule runs a whole deployment (2 decoders, 3 pose workers, 2 scorers, 2 writers, at default
settings) on a real server with an append-only file, behind a proxy. `faults` disturbs it while it
works on a few short clips; `ledger` then compares what came out with an undisturbed run.
"""
