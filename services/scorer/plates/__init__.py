"""Plates that were seen in a clip, and their paths (`sightings`). Pure."""
