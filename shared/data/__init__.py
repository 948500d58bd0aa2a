"""Typed data: what travels between the services, and what results consist of."""
