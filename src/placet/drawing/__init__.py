"""Pictures as self-contained SVG: one way from an answer to what a person sees."""
