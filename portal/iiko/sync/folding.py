"""Names as they are compared, whoever typed them."""

import re
import unicodedata

QUOTES = re.compile("[\"'`´«»‹›„“”‚‘’′″]")
DASHES = re.compile("[‐‑‒–—―−]")
SPACES = re.compile(r"\s+")
# Of a name of a company, at its beginning or end: what kind of company it is.
FORMS = (
    "общество с ограниченной ответственностью", "индивидуальный предприниматель", "публичное акционерное общество",
    "непубличное акционерное общество", "закрытое акционерное общество", "открытое акционерное общество",
    "акционерное общество", "ооо", "пао", "нао", "зао", "оао", "ао", "ип", "тоо", "чп", "llc", "ltd", "inc",
)  # fmt: skip
FORM = "|".join(re.escape(form) for form in FORMS)
FORM_AT_ONE_END = re.compile(rf"^(?:{FORM})[ ,.]+|[ ,]+(?:{FORM})\.?$")


def fold(name: str) -> str:
    """A name as it is compared: NFKC, lower case, ё as е, no quotes, no legal form, single spaces.

    What would leave nothing (a restaurant called “ИП”) is kept.
    """
    text = unicodedata.normalize("NFKC", name).lower().replace("ё", "е")
    text = SPACES.sub(" ", DASHES.sub("-", QUOTES.sub(" ", text))).strip()
    # The end of one form may be the beginning of the name: until nothing more comes off.
    while (shorter := FORM_AT_ONE_END.sub("", text).strip()) != text and shorter:
        text = shorter
    return text
