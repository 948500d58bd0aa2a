"""Backend `blazepose-full`: a detector finds people, a landmark network follows them."""
