"""What a column of a supplier's file may hold, and the headings by which it is known."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Field(LabelledEnum):
    """A field of a paper or of one of its lines."""

    NUMBER = "number", _l("Number of the paper")
    DAY = "day", _l("Date of the paper")
    DUE = "due", _l("To be paid by")
    SUPPLIER = "supplier", _l("Supplier")
    TAX_ID = "tax_id", _l("Tax number of the supplier")
    REGISTRATION = "kpp", _l("Registration code of the supplier")
    STORE = "store", _l("Store")
    CURRENCY = "currency", _l("Currency")
    STATED = "stated_total", _l("Total of the paper")
    DESCRIPTION = "description", _l("What was delivered")
    SKU = "sku", _l("The supplier's code")
    UNIT = "unit", _l("Unit")
    UNIT_CODE = "okei", _l("Code of the unit")
    QUANTITY = "quantity", _l("Quantity")
    PRICE = "price", _l("Price")
    DISCOUNT = "discount", _l("Discount")
    NET = "net", _l("Amount without VAT")
    RATE = "rate", _l("VAT rate")
    VAT = "vat", _l("Amount of VAT")
    TOTAL = "total", _l("Amount with VAT")

    @property
    def is_of_paper(self) -> bool:
        """Whether it is said once of a paper: an empty cell below means the same as above."""
        return self in OF_PAPER


OF_PAPER = frozenset(
    {Field.NUMBER, Field.DAY, Field.DUE, Field.SUPPLIER, Field.TAX_ID, Field.REGISTRATION, Field.STORE, Field.CURRENCY,
     Field.STATED}
)  # fmt: skip

# As УПД, ТОРГ-12, registers of 1C and tables made by hand name them.
KNOWN: dict[str, tuple[str, ...]] = {
    Field.NUMBER: (
        "номер", "номер документа", "№ документа", "номер накладной", "№ накладной", "накладная", "документ",
        "номер счета-фактуры", "№ с/ф", "счет-фактура", "номер УПД", "№ УПД", "invoice", "invoice number", "invoice no",
        "number", "document",
    ),
    Field.DAY: ("дата", "дата документа", "дата накладной", "дата УПД", "date", "invoice date"),
    Field.DUE: ("оплатить до", "срок оплаты", "дата оплаты", "due", "due date"),
    Field.SUPPLIER: ("поставщик", "продавец", "контрагент", "supplier", "vendor", "seller"),
    Field.TAX_ID: ("ИНН", "ИНН поставщика", "ИНН продавца", "tax id", "tax number"),
    Field.REGISTRATION: ("КПП", "КПП поставщика", "КПП продавца"),
    Field.STORE: ("склад", "магазин", "точка", "store", "warehouse"),
    Field.CURRENCY: ("валюта", "currency"),
    Field.STATED: ("сумма документа", "итого по документу", "сумма накладной", "total of the paper", "document total"),
    Field.DESCRIPTION: (
        "наименование", "наименование товара", "номенклатура", "товар", "товары", "продукт", "описание", "description",
        "item", "product", "goods", "name",
    ),
    Field.SKU: ("артикул", "код товара", "код", "код товара/ работ, услуг", "sku", "article", "code"),
    Field.UNIT: ("ед", "ед. изм.", "ед.изм", "единица", "единица измерения", "условное обозначение", "unit", "uom"),
    Field.UNIT_CODE: ("ОКЕИ", "код ОКЕИ", "код единицы", "код единицы измерения", "код по ОКЕИ"),
    Field.QUANTITY: ("количество", "кол-во", "кол", "объем", "quantity", "qty"),
    Field.PRICE: ("цена", "цена за единицу", "тариф", "price", "unit price"),
    Field.DISCOUNT: ("скидка", "сумма скидки", "discount"),
    Field.NET: (
        "сумма без НДС", "стоимость без НДС", "стоимость без налога", "стоимость товаров без налога", "всего без НДС",
        "сумма без учета НДС", "стоимость товаров (работ, услуг), имущественных прав без налога", "net", "net amount",
        "amount without VAT",
    ),
    Field.RATE: ("ставка", "ставка НДС", "НДС %", "% НДС", "налоговая ставка", "VAT rate", "VAT %"),
    Field.VAT: ("НДС", "сумма НДС", "сумма налога", "в т.ч. НДС", "НДС сумма", "НДС руб", "VAT", "VAT amount", "tax"),
    Field.TOTAL: (
        "сумма", "сумма с НДС", "всего", "всего с НДС", "итого", "стоимость", "стоимость с НДС", "стоимость с налогом",
        "сумма с учетом НДС", "стоимость товаров с налогом", "сумма руб",
        "стоимость товаров (работ, услуг), имущественных прав с налогом", "amount", "total", "sum", "gross",
        "amount with VAT",
    ),
}  # fmt: skip


def labels() -> dict[str, str]:
    """What people call each field, in the language of the page."""
    return {field.value: str(field.label) for field in Field}


def missing(fields: set[str], *, told: set[str]) -> list[Field]:
    """What has to be named before rows can be papers; ``told`` was said for the whole file."""
    needed = [field for field in (Field.NUMBER, Field.DAY) if field not in fields | told]
    is_reckoned = {Field.PRICE, Field.QUANTITY} <= fields
    if not is_reckoned and not {Field.TOTAL, Field.NET} & fields:
        needed.append(Field.TOTAL)
    return needed
