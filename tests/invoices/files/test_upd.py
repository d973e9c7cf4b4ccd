"""Electronic papers: УПД as XML in both formats, and what only looks like one."""

import pytest

from portal.importing.reader.limits import UnreadableError
from portal.importing.reading import UnreadableFileError, read_table
from portal.invoices.files.fields import Field
from portal.invoices.files.upd import COLUMNS, UpdFault, read_upd
from tests.invoices.files.papers_in_files import LINE, tree, upd_file


@pytest.fixture(autouse=True)
def context(app):
    """Sentences need a language."""
    with app.test_request_context():
        yield


def lines_of(data):
    return [dict(zip(COLUMNS, row, strict=True)) for row in read_upd(tree(data)).rows]


@pytest.mark.parametrize("version", ["5.01", "5.03"])
@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
def test_a_paper_of_either_format_and_encoding_gives_its_lines(version, encoding):
    (line,) = lines_of(upd_file([LINE | {"СумНал": "98.36"}], version=version, encoding=encoding))
    assert line == {
        Field.NUMBER: "УТ-000123", Field.DAY: "04.05.2026", Field.SUPPLIER: 'ООО "Ромашка"', Field.TAX_ID: "7707083893",
        Field.REGISTRATION: "770701001", Field.CURRENCY: "RUB", Field.STATED: "1082.00",
        Field.DESCRIPTION: "Молоко 3,2% 0,9 л", Field.SKU: "00-77", Field.UNIT: "шт", Field.UNIT_CODE: "796",
        Field.QUANTITY: "12", Field.PRICE: "81.97", Field.NET: "983.64", Field.RATE: "10%", Field.VAT: "98.36",
        Field.TOTAL: "1082.00",
    }  # fmt: skip


def test_an_entrepreneur_is_known_by_twelve_digits():
    (line,) = lines_of(upd_file(tax_id="500100732259"))
    assert (line[Field.TAX_ID], line[Field.SUPPLIER], line[Field.REGISTRATION]) == (
        "500100732259",
        "ИП Иванов Пётр",
        "",
    )


def test_without_vat_stays_without_and_zero_stays_zero():
    lines = lines_of(upd_file([LINE | {"НалСт": "без НДС"}, LINE | {"НалСт": "0%"}, LINE | {"НалСт": "22/122"}]))
    assert [line[Field.RATE] for line in lines] == ["без НДС", "0%", "22/122"]
    assert lines[0][Field.VAT] == ""


def test_another_currency_is_told_by_its_code():
    assert lines_of(upd_file(currency="156"))[0][Field.CURRENCY] == "CNY"
    assert lines_of(upd_file(currency="643", version="5.01"))[0][Field.CURRENCY] == "RUB"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<Файл ВерсФорм='5.03'><Документ><СвКСчФ/></Документ></Файл>", "correction"),
        ("<Файл ВерсФорм='5.03'><Документ><СвДокПТПрКроме/></Документ></Файл>", "without an invoice"),
        ("<Файл ВерсФорм='5.03'><Документ/></Файл>", "no electronic paper"),
        ("<rows><row/></rows>", "no electronic paper"),
        ("<Файл ВерсФорм='4.01'><Документ><СвСчФакт/><ТаблСчФакт/></Документ></Файл>", "4.01"),
        ("<Файл ВерсФорм='5.03'><Документ><СвСчФакт/><ТаблСчФакт/></Документ></Файл>", "no lines"),
    ],
)
def test_what_is_no_such_paper_is_told_in_words(text, told):
    with pytest.raises(UpdFault) as fault:
        read_upd(tree(text.encode()))
    assert told in fault.value.sentence


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8", "utf-16"])
@pytest.mark.parametrize("head", [BOMB, '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!DOCTYPE x>"])
def test_a_document_type_is_refused_in_whatever_encoding(head, encoding):
    with pytest.raises(UnreadableFileError) as refused:
        read_table(upd_file(head=head, encoding=encoding), takes_markup=True)
    assert refused.value.code == "document_type"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a>" * 100, "text"),
        (b"<a>" + b"<b/>" * 300_001 + b"</a>", "text"),
        (b'<a b="' + b"x" * 5001 + b'"/>', "text"),
        (b"<a>" + b"x" * 5001 + b"</a>", "text"),
        (b"<a><b></a>", "damaged_markup"),
        (b"<a>&nothing;</a>", "damaged_markup"),
        ('<?xml version="1.0" encoding="utf-8"?><а>'.encode("windows-1251"), "damaged_markup"),
        (b'<?xml version="1.0" encoding="nothing-8"?><a/>', "damaged_markup"),
        (b"<?xml version='1.0'?>", "damaged_markup"),
    ],
    ids=["deep", "many", "long attribute", "long text", "open", "unknown entity", "encoding", "no encoding", "empty"],
)
def test_documents_made_to_do_harm_end_early(data, code):
    with pytest.raises(UnreadableError) as refused:
        tree(data)
    assert refused.value.code == code


def test_a_paper_is_read_in_the_child_process_and_a_table_asks_for_none():
    table = read_table(upd_file(), takes_markup=True)
    assert (table.read_as, table.rows, len(read_upd(table.root).rows)) == ({"kind": "xml"}, [], 1)
    with pytest.raises(UnreadableFileError) as refused:
        read_table(upd_file())
    assert refused.value.code == "markup"
