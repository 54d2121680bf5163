"""The JSON API: the same operations as the pages, under `/api/v1`, for holders of a token."""
