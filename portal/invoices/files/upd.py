"""УПД as XML, as rows of a table: one for each line, with what the paper says of itself in each.

Formats 5.01 (order ММВ-7-15/820@ of 19.12.2018) and 5.03 (order ЕД-7-26/970@ of 19.12.2023) of the Federal Tax
Service. Prices are without VAT. Pure: of the tree alone, which was read in the child process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.invoices.files.fields import Field

# (name, attributes, text, children)
Element = list[Any]
VERSIONS = ("5.01", "5.02", "5.03")
FILE, DOCUMENT, HEAD, LINES = "Файл", "Документ", "СвСчФакт", "ТаблСчФакт"
# Corrections and handing over without an invoice are papers of other formats, with tables of their own.
CORRECTION, HANDED_OVER = "СвКСчФ", ("СвДокПТПрКроме", "СвДокПТПр")
WITHOUT_VAT = "без НДС"
ROUBLE = {"643": "RUB", "810": "RUB"}
CURRENCIES = {"840": "USD", "978": "EUR", "156": "CNY", "933": "BYN", "398": "KZT", **ROUBLE}

COLUMNS = (
    Field.NUMBER, Field.DAY, Field.SUPPLIER, Field.TAX_ID, Field.REGISTRATION, Field.CURRENCY, Field.STATED,
    Field.DESCRIPTION, Field.SKU, Field.UNIT, Field.UNIT_CODE, Field.QUANTITY, Field.PRICE, Field.NET, Field.RATE,
    Field.VAT, Field.TOTAL,
)  # fmt: skip


class UpdFault(Exception):
    """An XML document that is no УПД which can be read; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Upd:
    """One electronic paper: the version of its format, and a row of texts in the order of ``COLUMNS`` for each line."""

    version: str
    rows: list[list[str]]


def read_upd(root: Element) -> Upd:
    """The lines of a paper. Raises ``UpdFault`` where the document is something else, or of an unknown version."""
    document = _child(root, DOCUMENT) if root[0] == FILE else None
    if document is None:
        raise UpdFault(_("This XML document is no electronic paper (УПД)."))
    head, table = _child(document, HEAD), _child(document, LINES)
    if head is None or table is None:
        raise UpdFault(_other_paper(document))
    version = root[1].get("ВерсФорм", "")
    if version not in VERSIONS:
        raise UpdFault(_("The format %(version)s of this paper is not known: 5.01 and 5.03 are.", version=version[:20]))
    of_paper = _of_paper(head, table)
    lines = [of_paper | _of_line(line) for line in table[3] if line[0] == "СведТов"]
    if not lines:
        raise UpdFault(_("There are no lines in this paper."))
    return Upd(version, [[line.get(field, "") for field in COLUMNS] for line in lines])


def _other_paper(document: Element) -> str:
    if _child(document, CORRECTION) is not None:
        return str(_("This is a correction (УКД), not an invoice. Enter it by hand as a credit note or an invoice."))
    if any(_child(document, name) is not None for name in HANDED_OVER):
        return str(_("This paper hands goods over without an invoice (ДПТ). Enter it by hand."))
    return str(_("This XML document is no electronic paper (УПД)."))


def _of_paper(head: Element, table: Element) -> dict[Field, str]:
    attributes, seller = head[1], _child(head, "СвПрод") or ["", {}, "", []]
    money = _child(head, "ДенИзм")
    code = (money[1] if money else attributes).get("КодОКВ", "643")
    total = _child(table, "ВсегоОпл")
    return {
        Field.NUMBER: attributes.get("НомерДок", attributes.get("НомерСчФ", "")),
        Field.DAY: attributes.get("ДатаДок", attributes.get("ДатаСчФ", "")),
        Field.SUPPLIER: _first(seller, "НаимОрг") or _person(seller),
        Field.TAX_ID: _first(seller, "ИННЮЛ") or _first(seller, "ИННФЛ"),
        Field.REGISTRATION: _first(seller, "КПП"),
        Field.CURRENCY: CURRENCIES.get(code, code),
        Field.STATED: total[1].get("СтТовУчНалВсего", "") if total else "",
    }


def _of_line(line: Element) -> dict[Field, str]:
    attributes, more = line[1], _child(line, "ДопСведТов")
    further = more[1] if more else {}
    rate = attributes.get("НалСт", "")
    vat = _first_text(_child(line, "СумНал"), "СумНал")
    total = attributes.get("СтТовУчНал", "")
    return {
        Field.DESCRIPTION: attributes.get("НаимТов", ""),
        Field.SKU: further.get("АртикулТов") or further.get("КодТов", ""),
        Field.UNIT: attributes.get("НаимЕдИзм") or further.get("НаимЕдИзм", ""),
        Field.UNIT_CODE: attributes.get("ОКЕИ_Тов", ""),
        Field.QUANTITY: attributes.get("КолТов", ""),
        Field.PRICE: attributes.get("ЦенаТов", ""),
        Field.NET: attributes.get("СтТовБезНДС", ""),
        Field.RATE: rate,
        Field.VAT: vat,
        Field.TOTAL: total,
    }


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element[3] if child[0] == name), None)


def _below(element: Element) -> Iterator[Element]:
    yield element
    for child in element[3]:
        yield from _below(child)


def _first(element: Element, attribute: str) -> str:
    """The attribute of the first element below that has it: companies and entrepreneurs stand at different depths."""
    return next((each[1][attribute] for each in _below(element) if attribute in each[1]), "")


def _first_text(element: Element | None, name: str) -> str:
    if element is None:
        return ""
    return next((child[2].strip() for child in element[3] if child[0] == name), "")


def _person(seller: Element) -> str:
    names: dict[str, str] = next((each[1] for each in _below(seller) if each[0] == "ФИО"), {})
    told = [names.get(part, "") for part in ("Фамилия", "Имя", "Отчество")]
    return f"ИП {' '.join(filter(None, told))}" if any(told) else ""
