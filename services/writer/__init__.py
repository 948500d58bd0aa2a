"""Draws, encodes and reports: from a finished analysis to the files a person looks at."""
