"""The fixed parts of a workbook, as ECMA-376 has them: what the file holds, how a heading looks, how a sheet begins."""

from collections.abc import Mapping
from types import MappingProxyType

COLUMN_WIDTH = 24
HEADING_STYLE = ' s="1"'
SHEET_END = "</sheetData></worksheet>"
_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORMATS = "http://schemas.openxmlformats.org"
_MAIN, _RELATIONS = f"{_FORMATS}/spreadsheetml/2006/main", f"{_FORMATS}/officeDocument/2006/relationships"
_PACKAGE, _TYPE = f"{_FORMATS}/package/2006", "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Whatever is named nowhere else is a sheet: how many there will be is not known at the beginning.
_CONTENT_TYPES = f"""{_START}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>"""
_STYLES = f"""{_START}<styleSheet xmlns="{_MAIN}">\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def _relations(targets: Mapping[str, str]) -> str:
    """``targets`` gives each part that is referred to its kind."""
    told = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), 1)
    )
    return f'{_START}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


FIRST_PARTS: Mapping[str, str] = MappingProxyType({
    "[Content_Types].xml": _CONTENT_TYPES,
    "_rels/.rels": _relations({"xl/workbook.xml": "officeDocument"}),
    "xl/styles.xml": _STYLES,
})  # fmt: skip


def sheet_part(number: int) -> str:
    """The name of the part that holds a sheet; the first is 1."""
    return f"xl/{_sheet_target(number)}"


def _sheet_target(number: int) -> str:
    return f"worksheets/sheet{number}.xml"


def sheet_start(number: int, columns: int) -> str:
    """What a sheet says before its rows: the headings stay in sight, and the first sheet is shown."""
    shown = ' tabSelected="1"' if number == 1 else ""
    return f"""{_START}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{shown} workbookViewId="0">\
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>\
<sheetFormatPr defaultRowHeight="15"/>\
<cols><col min="1" max="{columns}" width="{COLUMN_WIDTH}" customWidth="1"/></cols><sheetData>"""


def last_parts(sheets: int) -> dict[str, str]:
    """What tells how many sheets there are."""
    numbers = range(1, sheets + 1)
    told = "".join(f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers)
    return {
        "xl/workbook.xml": f'{_START}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        f"<bookViews><workbookView/></bookViews><sheets>{told}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations({
            **{_sheet_target(number): "worksheet" for number in numbers}, "styles.xml": "styles"
        }),
    }  # fmt: skip
