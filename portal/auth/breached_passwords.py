"""The thirty thousand passwords that people were found to use most, in the collections of what was stolen elsewhere.

They come with the package zxcvbn, as data alone: nothing of it is run. It would estimate more, but keeps the words of
one person where those of another are being read, and takes seconds of the processor for a text that is made for it.
"""

import runpy
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def breached_passwords() -> frozenset[str]:
    """In small letters."""
    spec = find_spec("zxcvbn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("zxcvbn")
    # The package itself would make ranks of all its words, ten megabytes in every process.
    lists = runpy.run_path(str(Path(spec.origin).with_name("frequency_lists.py")))
    return frozenset(lists["FREQUENCY_LISTS"]["passwords"])
