"""Benchmarks of the queues: memory, fairness, scaling and speed of a real deployment."""
