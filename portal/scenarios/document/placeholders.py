"""What a text has the bot fill in: the value of a variable, where its name stands in two pairs of braces."""

import re

from portal.scenarios.document.wording import _l

_NAME = r"[^\s{}.]+"
VARIABLE_NAME = re.compile(_NAME)
PLACEHOLDER = re.compile(rf"\{{\{{\s*({_NAME})\s*\}}\}}")
# What an author may have meant for one: the bot sends it as it stands where it is none.
BRACED = re.compile(r"\{\{([^{}]*)\}\}")
BAD_NAME = _l("A variable's name has no spaces, dots or braces. Rename it, for example with _.")
