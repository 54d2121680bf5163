"""The pages, one module for each subject: they ask operations, and show what these answer."""
