"""Every entity is whole: it has words, a table, pages, a place in the sitemap; what is missing is told with its file.

Nothing here asks the database: the mapping, the sitemap and the migrations' own text tell all.
"""

import inspect
import re
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, UniqueConstraint

from portal import create_app
from portal.audit.recording import UNTOLD_ATTRIBUTES
from portal.db.base import Base, Entity
from portal.db.records import Archivable, Record, mapped_entities, reference_of, type_of
from portal.db.types import EnumText, LabelledEnum
from portal.web.forms import PortalForm
from portal.worker import JOB_MODULES
from tests.conftest import config_for
from tests.rules.site.listings import listings
from tests.rules.source import ROOT, files, modules

# What stands in the log under another name, or is nobody's business.
NEVER_SHOWN = {
    ("bot_media", "file_id"): "the content has no name; kind and size tell of it",
    ("bot_scenario", "source"): "the second copy of a scenario",
}


@pytest.fixture(scope="module")
def portal():
    """The portal without a database: nothing is asked of one."""
    return create_app(config_for("postgresql+psycopg://nobody@nowhere.invalid/none"))


@pytest.fixture(scope="module", autouse=True)
def everything_is_loaded(portal):
    return portal


def records():
    return [each for each in mapped_entities() if issubclass(each, Record)]


def models_file(entity):
    return Path(inspect.getfile(entity)).relative_to(ROOT).as_posix()


def beside(entity, name):
    return Path(models_file(entity)).with_name(name).as_posix()


def test_every_row_has_a_word_for_its_kind():
    missing = [
        f'{models_file(each)}: class {each.__name__}(…, label=_l("…"))'
        for each in mapped_entities()
        if not each.words.label
    ]
    assert not missing, "\n".join(missing)


def test_every_record_says_how_it_is_counted_and_what_many_are_called():
    missing = [
        f"{models_file(each)}: class {each.__name__}(…, {word}=…)"
        for each in records()
        for word in ("plural", "count")
        if getattr(each.words, word) is None
    ]
    assert not missing, "\n".join(missing)


def test_every_column_that_the_log_tells_of_has_a_label():
    missing = [
        f"{beside(each, 'forms.py')}: a field {key} in the form of {each.__name__} (entity = {each.__name__}),"
        f' or {models_file(each)}: fields={{"{key}": …}}'
        for each in records()
        for key in each.__mapper__.column_attrs.keys()  # noqa: SIM118
        if key not in UNTOLD_ATTRIBUTES
        and key not in each.words.fields
        and (each.__tablename__, key) not in NEVER_SHOWN
    ]
    assert not missing, "\n".join(missing)


def test_every_key_that_is_told_by_hand_has_a_label():
    """Literal keys of what is handed to ``record``: each is a label of some class of that module or of its rooms."""
    known = {key for entity in mapped_entities() for key in entity.words.fields}
    told = [
        (module.name, key)
        for module in modules()
        for name, call in module.calls()
        if name in ("record", "_record")
        for argument in call.keywords
        if argument.arg in ("before", "after")
        for key in literal_keys(argument.value)
    ]
    assert told
    missing = [f"{name}: {key} has no label in fields=" for name, key in told if key not in known]
    assert not missing, "\n".join(missing)


def literal_keys(node):
    return [key.value for key in getattr(node, "keys", []) if hasattr(key, "value")]


def test_a_row_that_others_refer_to_has_a_name():
    """The log shows a reference by what its target is called, a list joins the name."""
    nameless = [
        f"{models_file(target)}: {target.__name__}.display_name, for {each.__name__}.{key}"
        for each in records()
        for key in each.__mapper__.column_attrs.keys()  # noqa: SIM118
        if (target := reference_of(each, key)) is not None
        and (each.__tablename__, key) not in NEVER_SHOWN
        and type_of(target, "name") is None
        and target.display_name is Entity.display_name
    ]
    assert not nameless, "\n".join(nameless)


def test_a_column_of_a_few_words_is_an_enum_with_labels():
    plain = [
        f"{models_file(each)}: {each.__name__}.{key} lists its words in a CHECK: mapped_column(EnumText(…))"
        for each in records()
        for key in each.words.fields
        if is_listed_in_a_check(each, key) and not isinstance(type_of(each, key), EnumText)
    ]
    assert not plain, "\n".join(plain)


def test_a_state_that_the_log_tells_of_is_told_in_words():
    plain = [
        f"{models_file(each)}: values={{{key!r}: {{…}}}} of {each.__name__}"
        for each in mapped_entities()
        for key in each.words.fields
        if is_listed_in_a_check(each, key)
        and not isinstance(type_of(each, key), EnumText)
        and key not in each.words.values
    ]
    assert not plain, "\n".join(plain)


def is_listed_in_a_check(entity, key):
    checks = [each for each in entity.__table__.constraints if hasattr(each, "sqltext")]
    return any(str(check.sqltext).startswith(f"{key} IN ") for check in checks)


def test_every_member_of_a_shown_enum_has_a_label():
    def enums(base):
        return [each for found in base.__subclasses__() for each in (found, *enums(found))]

    assert LabelledEnum in enums(StrEnum)
    assert [f"{member!r} needs a label" for enum in enums(LabelledEnum) for member in enum if not member.label] == []


def test_every_record_keeps_to_its_account():
    missing = []
    for entity in records():
        if not any(columns_of(each) == ["account_id", "id"] for each in constraints(entity, UniqueConstraint)):
            missing.append(f"{models_file(entity)}: {entity.__name__} needs __table_args__ = table_args(…)")
        for key in composite_keys_missing(entity):
            missing.append(f'{models_file(entity)}: {entity.__name__}: references={{"{key}": …}} in table_args(…)')
    assert not missing, "\n".join(missing)


def constraints(entity, kind):
    return [each for each in entity.__table__.constraints if isinstance(each, kind)]


def columns_of(constraint):
    return [column.name for column in constraint.columns]


def composite_keys_missing(entity):
    keys = [columns_of(each) for each in constraints(entity, ForeignKeyConstraint)]
    doubled = {name for first, *others in keys if first == "account_id" for name in others}
    ids = [column.name for column in entity.__table__.c if column.name.endswith("_id") and is_uuid(entity, column.name)]
    return [name for name in ids if name not in doubled | {"account_id"}]


def is_uuid(entity, name):
    return type(type_of(entity, name)).__name__.lower() == "uuid"


def test_every_table_is_made_by_a_migration():
    made = "\n".join(path.read_text("utf-8") for path in files("migrations/versions", ".py"))
    missing = [
        f'migrations/versions: no migration makes {each.__tablename__} (tenant_table(op, "{each.__tablename__}", …))'
        for each in mapped_entities()
        if not re.search(rf"\b{each.__tablename__}\b", made)
    ]
    assert not missing, "\n".join(missing)


def test_what_is_searched_is_filled_by_a_migration():
    made = "\n".join(path.read_text("utf-8") for path in files("migrations", ".py"))
    missing = [
        f'migrations/versions: tenant_table(op, "{each.__tablename__}", …, search=…) for search_text'
        for each in mapped_entities()
        if type_of(each, "search_text") is not None and not fills_search(made, each.__tablename__)
    ]
    assert not missing, "\n".join(missing)


def fills_search(made, table):
    block = re.search(rf'tenant_table\(\s*op,\s*"{table}",.*?\n    \)', made, re.DOTALL)
    return "search=" in block[0] if block else f'"{table}": (' in made


def test_what_belongs_to_a_restaurant_is_limited_to_it():
    missing = [
        f'{models_file(each)}: {each.__name__}: __restaurant_limit__ = RestaurantLimit("restaurant_id")'
        for each in records()
        if type_of(each, "restaurant_id") is not None and each.__restaurant_limit__ is None
    ]
    assert not missing, "\n".join(missing)


def test_every_blueprint_stands_in_the_sitemap(portal):
    registered = {name.rpartition(".")[2] for name in portal.blueprints}
    missing = [
        f"portal/sitemap.py: {name} of {module.name}"
        for module in modules()
        # A developer's machine alone serves what stands there.
        if not module.name.startswith("portal/development/")
        for name in re.findall(r'^\w+ = Blueprint\(\s*"(\w+)"', module.path.read_text("utf-8"), re.MULTILINE)
        if name not in registered
    ]
    assert not missing, "\n".join(missing)


def test_every_models_file_is_known_to_the_sitemap():
    known = {models_file(mapper.class_) for mapper in Base.registry.mappers}
    unknown = [
        f"portal/sitemap.py: nothing there leads to {module.name}"
        for module in modules()
        if "\n    __tablename__ = " in module.path.read_text("utf-8") and module.name not in known
    ]
    assert not unknown, "\n".join(unknown)


def test_every_record_with_a_page_can_be_listed_archived_and_restored(portal):
    missing = []
    endpoints = set(portal.view_functions)
    for each in records():
        if not issubclass(each, Archivable) or each.words.page is None:
            continue
        blueprint = each.words.page.partition(".")[0]
        for view in ("index", "export", "new", "show", "edit", "archive", "restore"):
            if f"account.{blueprint}.{view}" not in endpoints:
                missing.append(f"{beside(each, 'routes.py')}: no view called {view}")
        if each not in {listing.entity for listing in listings()}:
            missing.append(f"{beside(each, 'routes.py')}: no list of {each.__name__} (record_list)")
    assert not missing, "\n".join(missing)


def test_every_form_of_a_record_names_its_class():
    named = {form.entity for form in subclasses(PortalForm)}
    missing = [
        f"{beside(each, 'forms.py')}: a form with entity = {each.__name__}"
        for each in records()
        if each.words.page is not None and each not in named
    ]
    assert not missing, "\n".join(missing)


def test_every_listed_record_says_what_its_button_does():
    listed = {listing.entity for listing in listings()}
    missing = [
        f"{models_file(each)}: class {each.__name__}(…, add=…)"
        for each in records()
        if each in listed and each.words.add is None
    ]
    assert not missing, "\n".join(missing)


def subclasses(base):
    return [each for found in base.__subclasses__() for each in (found, *subclasses(found))]


def test_every_job_is_known_to_the_worker():
    missing = [
        f"portal/worker.py: JOB_MODULES lacks {dotted}"
        for module in modules()
        if (dotted := module.name.removesuffix(".py").replace("/", ".")) not in JOB_MODULES
        and re.search(r"^@job\(", module.path.read_text("utf-8"), re.MULTILINE)
    ]
    assert not missing, "\n".join(missing)
