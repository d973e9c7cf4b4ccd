from datetime import timedelta
from decimal import Decimal
import io
from portal.db.types import utc_now
from tests.suppliers.conftest import Buying
from tests.documents.test_documents import png

def test_look(open_page, world, superuser_sql, browse):
    b = Buying(superuser_sql, world.pelmenya)
    today = utc_now().date()
    item = world.pelmenya.id_of("inventory_item")
    a = b.supplier("ООО «Молочный двор»", tax_id="7830002293", kpp="783001001", contact_info='{"phone":"+7 812 123-45-67","email":"milk@example.com","contact_name":"Ирина","terms":"Доставка по вторникам и пятницам, оплата 14 дней"}')
    c = b.supplier("Молочный двор ООО", tax_id="7830002293")
    d = b.supplier("Мясокомбинат «Звёздный» с очень длинным названием, которое не помещается на экране телефона", tax_id="7707083894")
    for s, n in ((a, 1), (d, 5), (c, 2)):
        for k, (days, amt, ch) in enumerate(((50, 100, 0), (20, 112, 12), (3, 128, "14.2857"))):
            b.add("inventory_item_price_history", inventory_item_id=item, supplier_id=s, price_date=today - timedelta(days=days), source="invoice", quantity=n, amount=Decimal(amt) * n, base_quantity=Decimal(n), currency="RUB", change=ch)
            inv = b.invoice(s, f"УТ-{k}{n}", Decimal(amt) * n * 100, invoice_date=today - timedelta(days=days))
        b.add("invoice_exception", invoice_id=inv, kind="price_shock", money_at_stake=Decimal("12345.60"))
    owner = browse(world.pelmenya.owner)
    inv1 = world.pelmenya.id_of("invoice", 1)
    import subprocess, sys
    photo = open("/tmp/photo.png", "rb").read() if __import__("os").path.exists("/tmp/photo.png") else png()
    owner.post(f"/accounts/pelmenya/documents/invoices/{inv1}/photos", {"files": [(io.BytesIO(photo), "one.png"), (io.BytesIO(b"%PDF-1.7 x"), "scan-of-the-paper.pdf")]}, htmx=True)
    pages = {
        "home": "supply", "list": "suppliers", "card": f"suppliers/{a}", "merged": f"suppliers/{world.pelmenya.id_of('supplier', 2)}", "crooked": f"suppliers/{d}",
        "doubles": "suppliers/doubles", "merge": f"suppliers/{c}/merging?into={a}", "new": "suppliers/new", "invoice": f"invoices/{inv1}",
        "overview": "", "restaurant": f"restaurants/{world.pelmenya.restaurant_id}", "store": f"stores/{world.pelmenya.store_id}",
    }
    for phone in (False, True):
        page = open_page(world.pelmenya.owner, phone=phone, dark=phone, locale="ru-RU")
        for name, path in pages.items():
            page.goto(f"/accounts/pelmenya/{path}")
            if name == "home":
                for each in page.locator(".explain summary").all()[:1]: each.click()
            page.screenshot(path=f"/tmp/shots/{name}-{'phone' if phone else 'desk'}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            print(name, phone, "OVERFLOW" if wide else "")
