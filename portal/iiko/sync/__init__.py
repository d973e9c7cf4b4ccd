"""Read, compare, preview, apply: what one run does with the kinds of rows that iiko keeps."""
