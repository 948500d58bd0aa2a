"""Who lifts: people tracked from frame to frame, and the tracks that show a lift. Pure."""
