"""Acting: what is asked before an act, the one way it goes, and what it is signed by."""
