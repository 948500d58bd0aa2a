"""The four processes of the pipeline. None imports another; what they share is in `shared`."""
