"""Archives of recordings: finding them, their results in mirrored folders, and the summary."""
