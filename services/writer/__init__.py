"""The writer: makes video, report and data files from a finished analysis."""
