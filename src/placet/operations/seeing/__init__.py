"""Seeing: cases, lists, permits and papers, as far as whoever asks may know of them."""
