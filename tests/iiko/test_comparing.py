"""What a comparison makes of rows, links, pins, refusals and mapped nodes; it asks no database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.kinds.tree import judge_tree
from portal.iiko.sync.comparing import Comparison, Linked
from portal.iiko.sync.holds import reason_to_hold
from portal.iiko.sync.kinds import Evidence, ReadRow, Ref, Unreadable
from portal.iiko.sync.models import Word
from portal.iiko.sync.reasons import HoldReason, Reason
from portal.iiko.sync.values import hash_of_iiko
from tests.iiko.rows import (
    DEPARTMENTS,
    STORES,
    department,
    id_of,
    in_step,
    known,
    linked,
    lone_store,
    ours,
    plain,
    store,
)

TREE = {"departments": 3, "corporation_id": "corp"}


def compared(kind, rows, about):
    comparison = Comparison(kind, about)
    return list(comparison.run(rows)), comparison


def the_one(kind, rows, about):
    planned, _ = compared(kind, rows, about)
    assert len(planned) == 1
    return planned[0]


def test_a_row_that_nothing_here_looks_like_is_new():
    planned = the_one(DEPARTMENTS, [department("d")], known([ours("Лес")]))
    assert (planned.word, planned.entity_id) == (Word.CREATE, None)
    assert planned.iiko_values["legal_entity_id"] == {"id": "company", "name": "ООО Ромашка"}


def test_a_row_that_stands_here_as_iiko_sends_it_is_left_alone():
    rows = [department("a"), department("b", code="002")]
    planned, comparison = compared(DEPARTMENTS, rows, in_step(rows))
    assert planned == []
    assert comparison.counts == {"unchanged": 2}


def test_an_update_lists_each_field_with_ours_and_iikos():
    before = department("a", "Old name", code="001")
    after = department("a", "New name", code="001", company=Ref("legal_entities", "other", "ИП Лес"))
    planned = the_one(DEPARTMENTS, [after], in_step([before]))
    assert planned.word is Word.UPDATE
    assert planned.changes == {"name": ["Old name", "New name"], "legal_entity_id": ["ООО Ромашка", "ИП Лес"]}


def test_a_restaurant_that_moves_to_another_legal_entity_is_told_apart():
    moved = department("a", company=Ref("legal_entities", "other", "ИП Лес"))
    assert the_one(DEPARTMENTS, [moved], in_step([department("a")])).is_move
    renamed = department("a", "Another")
    assert not the_one(DEPARTMENTS, [renamed], in_step([department("a")])).is_move


def test_an_equal_name_alone_links_nothing():
    planned = the_one(DEPARTMENTS, [department("d", "Кафе «Лес»")], known([ours("КАФЕ ЛЕС")]))
    assert (planned.word, planned.reason) == (Word.CONFLICT, Reason.ALIKE)
    assert planned.details["candidates"] == [{"id": str(id_of("КАФЕ ЛЕС")), "name": "КАФЕ ЛЕС", "by": ["name"]}]


def test_two_of_ours_that_look_like_it_wait_for_a_person():
    planned = the_one(DEPARTMENTS, [department("d", "Лес")], known([ours("ЛЕС"), ours("«Лес»")]))
    assert (planned.word, planned.reason) == (Word.CONFLICT, Reason.SEVERAL_ALIKE)


def test_two_rows_of_iiko_that_look_like_one_of_ours_wait_for_a_person():
    planned, _ = compared(DEPARTMENTS, [department("d", "Лес"), department("e", "лес")], known([ours("ЛЕС")]))
    assert {(each.word, each.reason) for each in planned} == {(Word.CONFLICT, Reason.TWO_FOR_ONE)}


def test_what_somebody_refused_is_left_out_and_not_made_anew():
    about = known([ours("ЛЕС")], refused={"d": frozenset({id_of("ЛЕС")})})
    planned = the_one(DEPARTMENTS, [department("d", "Лес")], about)
    assert (planned.word, planned.reason) == (Word.SKIP, Reason.REFUSED)


def test_a_row_that_holds_the_id_already_is_that_one():
    planned = the_one(DEPARTMENTS, [department("d", "Лес")], known([ours("Old", iiko_id="{D}")]))
    assert (planned.word, planned.entity_id) == (Word.UPDATE, id_of("Old"))


def test_two_of_ours_that_hold_one_id_wait_for_a_person():
    about = known([ours("One", iiko_id="d"), ours("Two", iiko_id="D")])
    planned = the_one(DEPARTMENTS, [department("d")], about)
    assert (planned.word, planned.reason) == (Word.CONFLICT, Reason.TWO_OF_OURS)


def test_what_another_server_is_linked_with_stays_its_own():
    row = department("d", "New name")
    about = known([ours("Лес")], links={"d": linked(department("d"), id_of("Лес"), is_here=False)})
    planned = the_one(DEPARTMENTS, [row], about)
    assert (planned.word, planned.reason) == (Word.CONFLICT, Reason.OTHER_SERVER)
    refused = replace(about, refused={"d": frozenset({id_of("Лес")})})
    assert the_one(DEPARTMENTS, [row], refused).word is Word.SKIP


def test_what_another_server_is_linked_with_is_missing_at_that_one_alone():
    about = known([ours("Лес")], links={"d": linked(department("d"), id_of("Лес"), is_here=False)})
    assert compared(DEPARTMENTS, [], about)[0] == []


def test_what_is_linked_and_not_named_is_missing_and_nothing_else():
    rows = [department("a"), department("b")]
    planned = the_one(DEPARTMENTS, rows[:1], in_step(rows))
    assert (planned.word, planned.iiko_id, planned.changes) == (Word.MISSING, "b", {})


def test_what_comes_back_is_written_although_it_is_the_same():
    row = department("a")
    about = in_step([row])
    gone = {"a": replace(about.links["a"], is_missing=True)}
    planned = the_one(DEPARTMENTS, [row], replace(about, links=gone))
    assert (planned.word, planned.changes) == (Word.UPDATE, {})


def test_beside_a_row_without_an_id_nothing_is_missing():
    rows = [department("a"), department("b")]
    lone = Unreadable(None, "", Reason.NO_ID)
    planned = the_one(DEPARTMENTS, [rows[0], lone], in_step(rows))
    assert planned.word is Word.ERROR


def test_a_row_that_could_not_be_read_is_an_error_and_not_missing():
    rows = [department("a"), department("b")]
    broken = Unreadable("b", "", Reason.MALFORMED, {"fault": "repeated_field", "field": "code"})
    planned = the_one(DEPARTMENTS, [rows[0], broken], in_step(rows))
    assert (planned.word, planned.entity_id) == (Word.ERROR, id_of("ours of b"))


def test_the_same_row_twice_counts_once():
    row = department("a")
    planned, comparison = compared(DEPARTMENTS, [row, department("a")], in_step([row]))
    assert planned == []
    assert comparison.counts == {"unchanged": 1}


def test_two_different_rows_of_one_id_are_an_error_not_the_last_one():
    about = in_step([department("a")])
    for rows in ([department("a", "One"), department("a", "Two")], [department("a", "Two"), department("a", "One")]):
        planned = the_one(DEPARTMENTS, rows, about)
        assert (planned.word, planned.reason) == (Word.ERROR, Reason.DOUBLED)


def test_nothing_takes_away_only_what_iiko_once_said():
    row = department("a", code=None)
    never_said = in_step([row])
    mine = replace(next(iter(never_said.ours.values())), values={**plain(row), "code": "typed here"})
    about = replace(never_said, ours={mine.id: mine})
    assert compared(DEPARTMENTS, [row], about)[0] == []
    said = replace(about, links={"a": linked(department("a", code="typed here"), mine.id)})
    assert the_one(DEPARTMENTS, [row], said).changes == {"code": ["typed here", None]}


def test_a_pinned_field_stays_and_iikos_value_is_noted_once():
    before, after = department("a", "Old"), department("a", "New")
    about = replace(in_step([before]), pins={id_of("ours of a"): frozenset({"name"})})
    planned = the_one(DEPARTMENTS, [after], about)
    assert (planned.word, planned.changes) == (Word.UPDATE, {})
    assert planned.details["pinned"] == {"name": ["Old", "New"]}
    noted = replace(about, links={"a": linked(after, id_of("ours of a"))})
    assert compared(DEPARTMENTS, [after], noted)[0] == []


def stores_known(**more):
    places = {"r1": id_of("r1"), "r2": id_of("r2"), "coming": None}
    names = {id_of("r1"): "Restaurant r1", id_of("r2"): "Restaurant r2"}
    return known(**({"references": {DEPARTMENTS.key: places}, "names": names} | more))


def store_in_step(row, **more):
    mine = ours("Кухня", values={"name": row.name, "code": None, "restaurant_id": id_of("r1")})
    about = stores_known(links={row.iiko_id: linked(row, mine.id)}, **more)
    return replace(about, ours={mine.id: mine})


def test_a_pinned_place_that_iiko_changes_needs_a_person():
    about = store_in_step(store("s", "r1"), pins={id_of("Кухня"): frozenset({"restaurant_id"})})
    planned = the_one(STORES, [store("s", "r2")], about)
    assert (planned.word, planned.reason, planned.details["field"]) == (Word.CONFLICT, Reason.PINNED, "restaurant_id")


def test_a_store_that_is_in_use_is_not_moved():
    about = store_in_step(store("s", "r1"))
    assert the_one(STORES, [store("s", "r2")], about).is_move
    used = replace(about, used=frozenset({id_of("Кухня")}))
    planned = the_one(STORES, [store("s", "r2")], used)
    assert (planned.word, planned.reason) == (Word.CONFLICT, Reason.IN_USE)
    # Another name is no move.
    assert the_one(STORES, [store("s", "r1", "Бар")], used).word is Word.UPDATE


def test_a_store_of_a_restaurant_that_is_not_linked_waits():
    planned = the_one(STORES, [store("s", "unknown")], stores_known())
    assert (planned.word, planned.reason) == (Word.SKIP, Reason.NOT_THERE)


def test_a_store_of_a_restaurant_that_this_run_makes_is_new():
    assert the_one(STORES, [store("s", "coming")], stores_known()).word is Word.CREATE


def test_a_store_without_a_restaurant_is_left_out_until_somebody_maps_a_node():
    row = lone_store("s", "point", "office")
    assert the_one(STORES, [row], stores_known()).reason is Reason.NO_DEPARTMENT
    planned = the_one(STORES, [row], stores_known(nodes={"office": id_of("r2"), "elsewhere": id_of("r1")}))
    assert planned.word is Word.CREATE
    assert planned.iiko_values["restaurant_id"]["entity_id"] == str(id_of("r2"))
    nearer = the_one(STORES, [row], stores_known(nodes={"office": id_of("r2"), "point": id_of("r1")}))
    assert nearer.iiko_values["restaurant_id"]["entity_id"] == str(id_of("r1"))


def test_a_mapped_store_that_is_in_step_is_left_alone():
    row, nodes = lone_store("s", "point"), {"point": id_of("r1")}
    made = the_one(STORES, [row], stores_known(nodes=nodes))
    mine = ours("Склад", values={"name": "Склад", "code": None, "restaurant_id": id_of("r1")})
    link = Linked(mine.id, made.iiko_values, hash_of_iiko(made.iiko_values))
    about = replace(stores_known(nodes=nodes, links={"s": link}), ours={mine.id: mine})
    assert compared(STORES, [row], about)[0] == []


def test_a_legal_entity_that_waits_for_a_person_keeps_no_restaurant_out():
    row = department("d", company=Ref("legal_entities", "unknown", "ООО Никто"))
    assert the_one(DEPARTMENTS, [row], known()).word is Word.CREATE


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Evidence(400, 400, 0, TREE), None),
        (Evidence(320, 400, 80, TREE), None),
        (Evidence(319, 400, 81, TREE), HoldReason.MANY_GONE),
        (Evidence(2, 400, 398, TREE), HoldReason.MANY_GONE),
        (Evidence(1, 4, 3, TREE), None),
        (Evidence(1, 5, 4, TREE), HoldReason.MANY_GONE),
        (Evidence(0, 1, 1, TREE), HoldReason.NOTHING_CAME),
        (Evidence(0, 0, 0, {"departments": 0}), HoldReason.NO_DEPARTMENTS),
        (Evidence(4, 4, 0, TREE, corporation_id="corp"), None),
        (Evidence(4, 4, 0, TREE, corporation_id="another"), HoldReason.OTHER_CORPORATION),
    ],
)
def test_an_answer_that_looks_wrong_holds_the_whole_kind(evidence, reason):
    assert reason_to_hold(DEPARTMENTS, evidence) is reason
    assert DEPARTMENTS.judge is judge_tree


IDS = st.sampled_from([f"id{number}" for number in range(8)])
NAMES = st.sampled_from(["Лес", "лес", "ООО Лес", "Бар", "Кухня", "Ёлка"])
COMPANIES = st.sampled_from([None, *(Ref("legal_entities", each, each) for each in ("company", "other", "unknown"))])
READ = st.builds(department, IDS, NAMES, st.sampled_from([None, "001"]), COMPANIES)
SKIPPED = st.builds(lambda iiko_id: ReadRow(iiko_id, "", {}, Reason.TYPE, {"type": "SALEPOINT"}), IDS)
BROKEN = st.builds(lambda iiko_id: Unreadable(iiko_id, "", Reason.MALFORMED), st.none() | IDS)


@st.composite
def worlds(draw):
    """Ours, some of them linked, pinned or refused."""
    names = draw(st.lists(NAMES, max_size=6))
    here = [replace(ours(f"{name} {at}"), name=name) for at, name in enumerate(names)]
    here = [replace(each, values={**each.values, "name": each.name}) for each in here]
    free = list(here)
    links = {}
    for iiko_id in draw(st.lists(IDS, unique=True, max_size=len(free))):
        mine = free.pop()
        was = draw(st.builds(department, st.just(iiko_id), NAMES))
        links[iiko_id] = replace(linked(was, mine.id), is_here=draw(st.booleans()), is_missing=draw(st.booleans()))
    pins = {each.id: frozenset(draw(st.sets(st.sampled_from(["name", "code"])))) for each in here}
    refused = {draw(IDS): frozenset({each.id}) for each in here if draw(st.booleans())}
    return known(here, links=links, pins=pins, refused=refused)


@given(st.lists(READ | SKIPPED | BROKEN, max_size=10), worlds())
def test_whatever_comes_each_row_is_told_once_and_none_of_ours_twice(rows, about):
    planned, comparison = compared(DEPARTMENTS, rows, about)
    named = {row.iiko_id for row in rows if row.iiko_id}
    told = [each.iiko_id for each in planned if each.iiko_id]
    assert len(told) == len(set(told))
    assert len(named - set(told)) == comparison.counts["unchanged"]
    assert {each.iiko_id for each in planned if each.word is Word.MISSING}.isdisjoint(named)
    assert sum(comparison.counts.values()) == len(planned) + comparison.counts["unchanged"]
    written = [each.entity_id for each in planned if each.word is Word.UPDATE]
    assert len(written) == len(set(written))


@given(st.lists(READ | SKIPPED | BROKEN, max_size=10), worlds())
def test_whatever_comes_nothing_is_changed_but_by_a_row_that_was_read(rows, about):
    read = {row.iiko_id: row for row in rows if isinstance(row, ReadRow) and row.skip is None}
    for each in compared(DEPARTMENTS, rows, about)[0]:
        if each.word in (Word.CREATE, Word.UPDATE):
            assert each.iiko_id in read
        else:
            assert each.word is Word.CONFLICT or not each.changes
        pinned = about.pins.get(each.entity_id, frozenset())
        assert not pinned & each.changes.keys()


@given(worlds())
def test_an_empty_answer_changes_nothing(about):
    planned, comparison = compared(DEPARTMENTS, [], about)
    assert {each.word for each in planned} <= {Word.MISSING}
    assert all(not each.changes for each in planned)
    if comparison.evidence.linked:
        assert reason_to_hold(DEPARTMENTS, replace(comparison.evidence, facts=TREE)) is HoldReason.NOTHING_CAME


@given(st.lists(READ, max_size=8, unique_by=lambda row: row.iiko_id), worlds(), st.randoms())
def test_the_order_of_the_rows_says_nothing(rows, about, random):
    def told(planned):
        return sorted(
            (each.iiko_id, each.word, each.reason, str(each.entity_id), str(each.changes)) for each in planned
        )

    shuffled = list(rows)
    random.shuffle(shuffled)
    assert told(compared(DEPARTMENTS, rows, about)[0]) == told(compared(DEPARTMENTS, shuffled, about)[0])


@given(st.lists(READ, max_size=8, unique_by=lambda row: row.iiko_id), worlds())
def test_what_was_applied_is_unchanged_the_next_time(rows, about):
    planned, _ = compared(DEPARTMENTS, rows, about)
    after, _ = compared(DEPARTMENTS, rows, applied(about, planned))
    assert {each.word for each in after} <= {Word.CONFLICT, Word.MISSING, Word.SKIP}
    # What a person has to decide about stays so.
    assert {each.iiko_id for each in after} <= {each.iiko_id for each in planned}


def applied(about, planned):
    """What stands here once the plan was written."""
    rows, links = dict(about.ours), dict(about.links)
    for each in planned:
        if each.word not in (Word.CREATE, Word.UPDATE):
            continue
        entity_id = each.entity_id or id_of(f"new {each.iiko_id}")
        former = rows[entity_id].values if entity_id in rows else {}
        sent = {key: resolved(about, value) for key, value in each.iiko_values.items()}
        kept = sent if each.word is Word.CREATE else {key: sent[key] for key in each.changes}
        values = {**former, **kept}
        rows[entity_id] = replace(ours("x"), id=entity_id, name=values["name"], values=values)
        links[each.iiko_id] = Linked(entity_id, each.iiko_values, hash_of_iiko(each.iiko_values))
    return replace(about, ours=rows, links=links)


def resolved(about, value):
    if not isinstance(value, dict):
        return value
    return about.references["legal_entities"].get(value["id"])
