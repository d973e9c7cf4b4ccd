"""Files as suppliers send them."""

from collections.abc import Sequence
from typing import Any

LINE = {
    "НомСтр": "1", "НаимТов": "Молоко 3,2% 0,9 л", "ОКЕИ_Тов": "796", "НаимЕдИзм": "шт", "КолТов": "12",
    "ЦенаТов": "81.97", "СтТовБезНДС": "983.64", "НалСт": "10%", "СтТовУчНал": "1082.00",
}  # fmt: skip


def upd_file(
    lines: Sequence[dict[str, str]] = (LINE,),
    *,
    version: str = "5.03",
    number: str = "УТ-000123",
    day: str = "04.05.2026",
    tax_id: str = "7707083893",
    total: str = "1082.00",
    encoding: str = "windows-1251",
    head: str = "",
    currency: str = "643",
) -> bytes:
    """A УПД; of version 5.01 with the names of its attributes."""
    names = ("НомерСчФ", "ДатаСчФ") if version == "5.01" else ("НомерДок", "ДатаДок")
    code = f' КодОКВ="{currency}"' if version == "5.01" else ""
    money = "" if version == "5.01" else f'<ДенИзм КодОКВ="{currency}" НаимОКВ="Рубль"/>'
    who = (
        f'<СвИП ИННФЛ="{tax_id}"><ФИО Фамилия="Иванов" Имя="Пётр"/></СвИП>'
        if len(tax_id) == 12
        else f'<СвЮЛУч НаимОрг="ООО &quot;Ромашка&quot;" ИННЮЛ="{tax_id}" КПП="770701001"/>'
    )
    rows = "".join(_line(line, version) for line in lines)
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{head}<Файл ИдФайл="ON_NSCHFDOPPR" ВерсФорм="{version}">'
        f'<Документ КНД="1115131" Функция="СЧФДОП"><СвСчФакт {names[0]}="{number}" {names[1]}="{day}"{code}>'
        f"<СвПрод><ИдСв>{who}</ИдСв></СвПрод>{money}</СвСчФакт><ТаблСчФакт>{rows}"
        f'<ВсегоОпл СтТовУчНалВсего="{total}"/></ТаблСчФакт></Документ></Файл>'
    )
    return text.encode(encoding)


def _line(line: dict[str, str], version: str) -> str:
    told = dict(line)
    vat = told.pop("СумНал", None)
    unit = told.pop("НаимЕдИзм", "") if version == "5.01" else ""
    further = f'<ДопСведТов КодТов="00-77" НаимЕдИзм="{unit}"/>' if unit else '<ДопСведТов КодТов="00-77"/>'
    amount = f"<СумНал>{vat}</СумНал>" if vat else "<БезНДС>без НДС</БезНДС>"
    shown = f"<СумНал>{amount}</СумНал>" if vat or told.get("НалСт") == "без НДС" else ""
    attributes = " ".join(f'{name}="{text}"' for name, text in told.items())
    return f"<СведТов {attributes}>{shown}{further}</СведТов>"


def tree(data: bytes) -> list[Any]:
    """The tree of a document, as the child process gives it."""
    from portal.importing.reader.markup import markup

    return markup(data)
