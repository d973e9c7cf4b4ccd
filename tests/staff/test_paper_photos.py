"""Photos of papers go some days after they were checked, wherever they stand; until then they are kept."""

import pytest
from sqlalchemy import select

from portal.db.base import db
from portal.media.files import BotFile, object_key
from portal.media.jobs import remove_unnamed_files
from portal.media.queries import remove_orphans
from portal.messaging.messages import BotMessage
from portal.messaging.receiving.files import judged, settle
from portal.privacy.expiry import expire_in_turns
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentType, StaffDocument
from portal.staff.papers.verbs import receive_paper
from tests.media.conftest import bucket as bucket
from tests.media.samples import PNG


@pytest.fixture
def chain(world):
    return world.pelmenya


@pytest.fixture
def checked(chain, superuser_sql):
    """``checked(days)``: the paper of the first employee came by chat and was checked so many days ago."""

    def make(days):
        file_id, message_id = chain.id_of("bot_file", 2), chain.image_message_id
        superuser_sql(
            "UPDATE getinn_ops.bot_message SET direction = 'in', file_id = %s, file_state = 'stored' WHERE id = %s",
            [file_id, message_id],
        )
        superuser_sql(
            "UPDATE getinn_ops.staff_document SET checked_at = timezone('utc', now()) - make_interval(days => %s),"
            " message_id = %s WHERE id = %s",
            [days, message_id, chain.id_of("staff_document")],
        )
        superuser_sql("UPDATE getinn_ops.bot_file SET created_at = created_at - interval '3 days'")

    return make


@pytest.fixture
def stored(chain, superuser_sql):
    def read():
        (paper,) = superuser_sql(
            "SELECT * FROM getinn_ops.staff_document WHERE id = %s", [chain.id_of("staff_document")]
        )
        (message,) = superuser_sql("SELECT * FROM getinn_ops.bot_message WHERE id = %s", [chain.image_message_id])
        return paper, message

    return read


def test_a_photo_goes_thirty_days_after_it_was_checked_and_the_paper_stays(app, chain, checked, stored, superuser_sql):
    checked(31)
    before, _message = stored()
    with app.app_context():
        assert expire_in_turns([chain.account_id])["photos"] == 1
        remove_unnamed_files.function()
    paper, message = stored()
    assert (paper.file_id, message.file_id, message.file_state) == (None, None, "removed")
    assert (paper.expires_on, paper.number_tail, paper.state) == (before.expires_on, "1234", "accepted")
    assert superuser_sql("SELECT id FROM getinn_ops.bot_file WHERE id = %s", [chain.id_of("bot_file", 2)]) == []


def test_a_photo_that_was_checked_lately_or_not_yet_is_kept(app, chain, checked, stored, superuser_sql):
    checked(29)
    superuser_sql(
        "UPDATE getinn_ops.staff_document SET state = 'sent', file_id = %s, checked_at = now() - interval '90 days'"
        " WHERE id = %s",
        [chain.id_of("bot_file", 2), chain.id_of("staff_document", 2)],
    )
    with app.app_context():
        assert expire_in_turns([chain.account_id])["photos"] == 0
    assert stored()[0].file_id is not None


def test_a_photo_that_another_paper_still_needs_stays_in_the_chat(app, chain, checked, stored, superuser_sql):
    checked(31)
    superuser_sql(
        "UPDATE getinn_ops.staff_document SET file_id = %s, checked_at = now() WHERE id = %s",
        [chain.id_of("bot_file", 2), chain.id_of("staff_document", 2)],
    )
    with app.app_context():
        expire_in_turns([chain.account_id])
    paper, message = stored()
    assert (paper.file_id, message.file_id) == (None, chain.id_of("bot_file", 2))


def test_the_object_in_the_bucket_goes_as_well(app, chain, checked, bucket, scoped, superuser_sql):
    with scoped(chain.account_id):
        file = BotFile.store(PNG, "image/png")
        db.session.commit()
        key = object_key(file.account_id, file.id)
        file_id = file.id
    assert key in bucket.objects
    superuser_sql(
        "UPDATE getinn_ops.staff_document SET file_id = %s, checked_at = now() - interval '31 days' WHERE id = %s",
        [file_id, chain.id_of("staff_document")],
    )
    superuser_sql("UPDATE getinn_ops.bot_file SET created_at = created_at - interval '3 days'")
    with app.app_context():
        expire_in_turns([chain.account_id])
        remove_unnamed_files.function()
    assert key not in bucket.objects


def test_a_file_that_only_a_paper_names_is_no_orphan(scoped, chain, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_file SET created_at = created_at - interval '3 days'")
    with scoped(chain.account_id):
        assert remove_orphans() == 0
        assert db.session.scalar(select(BotFile.id).where(BotFile.id == chain.id_of("bot_file", 2))) is not None


def test_a_paper_whose_photo_was_still_on_its_way_gets_it(scoped, chain, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET direction = 'in', file_state = 'waiting', file_id = NULL WHERE id = %s",
        [chain.image_message_id],
    )
    with scoped(chain.account_id):
        member = db.session.get_one(StaffMember, chain.id_of("staff_member"))
        kind = db.session.get_one(DocumentType, chain.id_of("document_type", 2))
        paper = receive_paper(member, kind, chain.image_message_id, None)
        assert paper.file_id is None
        settle(db.session.get_one(BotMessage, chain.image_message_id), judged(PNG))
        db.session.flush()
        assert db.session.get_one(StaffDocument, paper.id).file_id == chain.image_message_id
