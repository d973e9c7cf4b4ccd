"""Suppliers from a spreadsheet: as typed by hand, with zeros put back, and taken back whole."""

import io

import pytest

IMPORTS = "/accounts/pelmenya/suppliers/imports"
FILE = (
    "Поставщик;ИНН;КПП;Телефон;Условия\n"
    "ООО Ромашка;273074555;027301001;+7 347 123-45-67;До пятницы\n"
    "ИП Лютик;500100732258;;;\n"
    "Север;7830002293;;+7 812 000-00-00;\n"
)


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def preview(owner):
    """The address of the preview of the file."""
    answer = owner.post(IMPORTS, {"file": (io.BytesIO(FILE.encode()), "suppliers.csv")})
    assert answer.status_code == 303
    return answer.location


def test_the_preview_judges_each_row_as_the_form_does(owner, preview, buying):
    page = owner.get(preview).text
    assert "0273074555" in page
    assert "One of the digits is wrong" in page


def test_a_file_adds_and_changes_suppliers_and_undoing_gives_their_contacts_back(owner, buying, superuser_sql):
    north = buying.supplier("Север", contact_info='{"phone": "+7 495 111-11-11", "email": "north@example.com"}')
    location = owner.post(IMPORTS, {"file": (io.BytesIO(FILE.encode()), "suppliers.csv")}).location
    applied = owner.post(f"{location}/application", {"leave_out": "y"})
    assert applied.status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.supplier WHERE name = 'ООО Ромашка'")
    assert (row.tax_id, row.kpp) == ("0273074555", "027301001")
    assert row.contact_info == {"phone": "+7 347 123-45-67", "terms": "До пятницы"}
    assert buying.of("supplier", north, "contact_info") == {"phone": "+7 812 000-00-00", "email": "north@example.com"}
    assert superuser_sql("SELECT id FROM getinn_ops.supplier WHERE name = 'ИП Лютик'") == []
    assert owner.delete(f"{location}/application").status_code == 303
    assert buying.of("supplier", north, "contact_info") == {"phone": "+7 495 111-11-11", "email": "north@example.com"}
    assert buying.of("supplier", north, "tax_id") is None
    assert buying.of("supplier", row.id, "is_active") is False
