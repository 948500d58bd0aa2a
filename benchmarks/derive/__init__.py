"""Every in-house threshold beside the data that it stands on, and where it comes from."""
