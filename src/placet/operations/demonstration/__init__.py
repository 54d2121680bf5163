"""The demonstration: a real story, played by invented people who can be signed in as."""
