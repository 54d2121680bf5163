"""The log, looked at: checkpoints, entries, proofs, and files for everybody."""
