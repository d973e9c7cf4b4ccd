"""How long things are kept, and what is held about one guest: shown, handed out, erased."""
