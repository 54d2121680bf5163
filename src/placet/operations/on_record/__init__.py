"""On record: policy books, systems, stocks and offices, as far as whoever asks may know of them."""
