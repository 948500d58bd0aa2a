"""Reading sources as upright frames with true times, and encoding video. Only here is PyAV used."""
