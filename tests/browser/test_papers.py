"""A photo that came by chat becomes a paper in three taps of a phone."""

import hashlib
from datetime import date, timedelta

from playwright.sync_api import expect

from portal.staff.papers.validity import months_later
from tests.media.samples import png

ISSUED = date.today() - timedelta(days=40)  # noqa: DTZ011


def test_a_photo_in_the_chat_is_a_paper_with_a_date_after_three_taps(open_page, world, superuser_sql):
    chain, photo = world.pelmenya, png(60, 80)
    superuser_sql(
        "UPDATE getinn_ops.bot_file SET data = %s, size = %s, sha256 = %s WHERE id = %s",
        [photo, len(photo), hashlib.sha256(photo).digest(), chain.file_id],
    )
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET direction = 'in', author = 'guest', kind = 'image', file_state = 'stored',"
        ' state = \'received\', file_id = %s, content = \'{"file": {"name": "book.png"}}\' WHERE id = %s',
        [chain.file_id, chain.image_message_id],
    )
    superuser_sql("UPDATE getinn_ops.document_type SET months_valid = 12")
    superuser_sql("DELETE FROM getinn_ops.staff_document WHERE account_id = %s", [chain.account_id])
    page = open_page(chain.manager, phone=True)
    page.goto(f"/accounts/{chain.slug}/staff/{chain.id_of('staff_member')}")
    page.locator("#papers").get_by_role("link", name="Attach as").last.click()
    page.get_by_label("Issued on").fill(ISSUED.strftime("%d/%m/%Y"))
    page.get_by_label("Issued on").press("Tab")
    until = months_later(ISSUED, 12)
    expect(page.get_by_label("Valid until")).to_have_value(until.strftime("%d/%m/%Y"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Accept the paper").click()
    expect(page.get_by_text("the paper is noted")).to_be_visible()
    rows = superuser_sql("SELECT state, issued_on, expires_on, message_id FROM getinn_ops.staff_document")
    expected = [("accepted", ISSUED, until, chain.image_message_id)]
    assert [(row.state, row.issued_on, row.expires_on, row.message_id) for row in rows if row.message_id] == expected
