"""Files of papers: told by what is inside, kept with their hash, shown to those who may see what they are about."""

import hashlib
import io
import struct
import zlib

import pytest

from portal.db.base import db
from portal.documents.contents import MAX_BYTES, DocumentRefused, look_at
from portal.documents.models import Document, DocumentKind
from portal.documents.verbs import store_document
from portal.media.queries import keeping_columns

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
HTML = b"<!doctype html><html><body><table><tr><td>1</td></tr></table></body></html>"
UPD = '<?xml version="1.0" encoding="windows-1251"?>\n<Файл/>'.encode("cp1251")
CSV = "Дата;Номер;Сумма\n04.05.2026;1;10,00\n".encode()


def png(mark=b""):
    """A picture of one pixel; ``mark`` makes another one of it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    text = chunk(b"tEXt", b"mark\0" + mark)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + text
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def photos(*files):
    return {"files": [(io.BytesIO(data), name) for name, data in files]}


@pytest.fixture
def manager(browse, world):
    return browse(world.pelmenya.manager)


@pytest.fixture
def address(world):
    return f"/accounts/pelmenya/documents/invoices/{world.pelmenya.id_of('invoice', 3)}/photos"


@pytest.fixture
def kept(superuser_sql, world):
    """The photos of the invoice, in their order."""
    return lambda: superuser_sql(
        "SELECT d.* FROM getinn_ops.invoice_document i JOIN getinn_ops.document d ON d.id = i.document_id"
        " WHERE i.invoice_id = %s ORDER BY i.position",
        [world.pelmenya.id_of("invoice", 3)],
    )


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (png(), "paper.jpg", "image/png"),
        (PDF, "scan", "application/pdf"),
        (UPD, "ON_NSCHFDOPPR.xml", "application/xml"),
        (b"\xef\xbb\xbf" + b'<?xml version="1.0"?><a/>', "a.xml", "application/xml"),
        ('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), "a.xml", "application/xml"),
        (CSV, "a.csv", "text/plain"),
    ],
)
def test_a_file_is_what_is_inside_whatever_it_is_called(data, name, content_type):
    assert look_at(data, name).content_type == content_type


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "empty.png", "empty.png is empty."),
        (HTML, "prices.xls", "prices.xls: send a photo, a PDF"),
        (b"MZ\x90\x00" + bytes(100), "prices.xlsx", "prices.xlsx: send a photo"),
        (PDF + bytes(MAX_BYTES), "huge.pdf", "huge.pdf is too large: at most 10 MB."),
    ],
)
def test_what_is_not_taken_says_so_by_its_name(app, data, name, said):
    with app.test_request_context("/"), pytest.raises(DocumentRefused) as refusal:
        look_at(data, name)
    assert refusal.value.sentence.startswith(said)


def test_the_largest_file_that_is_taken_has_ten_megabytes():
    assert look_at(PDF + bytes(MAX_BYTES - len(PDF)), "a.pdf").content_type == "application/pdf"


def test_a_stored_file_is_known_by_its_hash_and_gives_its_bytes_back(scoped, world):
    with scoped(world.pelmenya.account_id):
        document = store_document(
            PDF, "folder/paper.pdf", DocumentKind.OTHER, supplier_id=world.pelmenya.id_of("supplier")
        )
        assert (document.file_name, document.size) == ("paper.pdf", len(PDF))
        assert document.sha256 == hashlib.sha256(PDF).hexdigest()
        with document.opened() as file:
            assert file.read() == PDF


def test_photos_stand_with_their_invoice_and_belong_to_its_restaurant(manager, address, kept, world, superuser_sql):
    answer = manager.post(address, photos(("one.png", png()), ("two.pdf", PDF)), htmx=True)
    assert answer.status_code == 200
    assert "2 photos" in answer.text
    first, second = kept()
    assert (first.file_type, second.file_type) == ("image/png", "application/pdf")
    assert (first.restaurant_id, first.store_id) == (world.pelmenya.restaurant_id, world.pelmenya.store_id)
    assert (first.uploaded_by_id, first.supplier_id) == (world.pelmenya.manager.id, world.pelmenya.id_of("supplier", 3))
    lines = superuser_sql(
        "SELECT after FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at, id",
        [world.pelmenya.id_of("invoice", 3)],
    )
    assert [line.after for line in lines] == [{"photo": "one.png"}, {"photo": "two.pdf"}]


def test_a_photo_of_the_camera_comes_by_a_field_of_its_own(manager, address, kept):
    manager.post(address, {"shot": (io.BytesIO(png()), "image.jpg")}, htmx=True)
    assert [photo.file_name for photo in kept()] == ["image.jpg"]


def test_a_photo_that_is_sent_twice_is_one(manager, address, kept):
    for _time in range(2):
        manager.post(address, photos(("one.png", png())), htmx=True)
    assert len(kept()) == 1


def test_the_sixth_photo_is_refused_and_the_others_stay(manager, address, kept):
    manager.post(address, photos(*((f"{each}.png", png(b"%d" % each)) for each in range(6))), htmx=True)
    assert len(kept()) == 5
    answer = manager.post(address, photos(("more.png", png(b"more"))), htmx=True)
    assert "At most 5 photos of one paper" in answer.text
    assert 'name="files"' not in answer.text


def test_of_several_files_those_are_kept_that_are_photos(manager, address, kept):
    answer = manager.post(address, photos(("a.xlsx", CSV), ("one.png", png()), ("page.png", HTML)), htmx=True)
    assert [photo.file_name for photo in kept()] == ["one.png"]
    assert "a.xlsx: send a photo (JPEG, PNG, WebP, HEIC) or a PDF." in answer.text
    assert "page.png: send a photo" in answer.text


def test_nothing_chosen_is_said(manager, address, kept):
    answer = manager.post(address, {}, htmx=True)
    assert "Choose at least one file." in answer.text
    assert kept() == []


def test_a_photo_is_removed_with_a_line_in_the_log(manager, address, kept, superuser_sql, world):
    manager.post(address, photos(("one.png", png())), htmx=True)
    answer = manager.delete(f"/accounts/pelmenya/documents/{kept()[0].id}", htmx=True)
    assert answer.status_code == 200
    assert kept() == []
    [_added, line] = superuser_sql(
        "SELECT before, after FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at, id",
        [world.pelmenya.id_of("invoice", 3)],
    )
    assert (line.before, line.after) == ({"photo": "one.png"}, {"photo": None})


def test_a_file_of_no_invoice_is_not_removed_as_a_photo(browse, world, buying):
    document = buying.document()
    assert browse(world.pelmenya.owner).delete(f"/accounts/pelmenya/documents/{document}").status_code == 404


def test_a_photo_is_shown_within_the_page_and_guarded(manager, address, kept):
    manager.post(address, photos(("one.png", png())), htmx=True)
    answer = manager.get(f"/accounts/pelmenya/documents/{kept()[0].id}/file")
    assert (answer.status_code, answer.data, answer.content_type) == (200, png(), "image/png")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline")


def test_an_electronic_paper_is_handed_out_as_a_download_of_its_own_name(browse, world, scoped):
    with scoped(world.pelmenya.account_id):
        document_id = store_document(UPD, "upd.xml", DocumentKind.INVOICE).id
        db.session.commit()
    answer = browse(world.pelmenya.owner).get(f"/accounts/pelmenya/documents/{document_id}/file")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=upd.xml"


@pytest.mark.parametrize("kind", ["statement", "reconciliation_report"])
def test_a_chef_opens_no_statement(browse, world, buying, kind):
    path = f"/accounts/pelmenya/documents/{buying.document(document_type=kind)}/file"
    assert browse(world.pelmenya.chef).get(path).status_code == 403
    assert browse(world.pelmenya.viewer).get(path).status_code == 200


@pytest.mark.parametrize("who", ["chef", "viewer"])
def test_whoever_only_looks_adds_no_photo(browse, world, address, kept, who):
    browser = browse(getattr(world.pelmenya, who))
    assert browser.post(address, photos(("one.png", png())), htmx=True).status_code == 403
    assert kept() == []


def test_photos_of_other_restaurants_and_chains_are_not_there(browse, world):
    chain = world.pelmenya
    manager = browse(chain.assigned_manager)
    assert manager.get(f"/accounts/pelmenya/documents/{chain.id_of('document', 1)}/file").status_code == 404
    assert manager.get(f"/accounts/pelmenya/documents/{chain.id_of('document', 2)}/file").status_code == 200
    elsewhere = f"/accounts/pelmenya/documents/invoices/{chain.id_of('invoice', 1)}/photos"
    assert manager.post(elsewhere, photos(("one.png", png()))).status_code == 404
    stranger = browse(world.vareniki.owner)
    assert stranger.get(f"/accounts/vareniki/documents/{chain.id_of('document', 1)}/file").status_code == 404


def test_a_suppliers_contract_stands_on_its_card(browse, world, superuser_sql):
    owner, supplier = browse(world.pelmenya.owner), world.pelmenya.id_of("supplier")
    answer = owner.post(f"/accounts/pelmenya/documents/suppliers/{supplier}/files", photos(("contract.pdf", PDF)))
    assert answer.location.endswith(f"/suppliers/{supplier}#documents")
    [row] = superuser_sql("SELECT * FROM getinn_ops.document WHERE file_name = 'contract.pdf'")
    assert (row.supplier_id, row.document_type, row.restaurant_id) == (supplier, "other", None)
    assert f"documents/{row.id}/file" in owner.get(f"/accounts/pelmenya/suppliers/{supplier}").text


def test_somebody_of_some_restaurants_keeps_no_file_of_the_whole_chain(browse, world):
    supplier = world.pelmenya.id_of("supplier")
    path = f"/accounts/pelmenya/documents/suppliers/{supplier}/files"
    assert browse(world.pelmenya.assigned_manager).post(path, photos(("a.pdf", PDF))).status_code == 403


def test_the_bytes_of_a_removed_photo_are_found_by_the_sweep_of_files():
    assert Document.__table__.c.file_id in keeping_columns()
