"""Benchmarks: each measures one thing side by side with what it is to be compared with."""
