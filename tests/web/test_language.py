"""In whose language texts are made."""

from datetime import date

from flask_babel import force_locale

from portal.web.language import choose_locale
from portal.web.times import typed_day


def test_a_text_for_somebody_else_has_its_days_in_their_language_too(app):
    with app.app_context():
        assert choose_locale() == "en"
        with force_locale("ru"):
            assert choose_locale() == "ru"
            assert typed_day(date(2026, 5, 4), choose_locale()) == "04.05.2026"
        assert choose_locale() == "en"


def test_a_language_that_pages_do_not_speak_changes_nothing(app):
    with app.test_request_context(headers={"Accept-Language": "ru"}), force_locale("de"):
        assert choose_locale() == "ru"
