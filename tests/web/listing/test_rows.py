"""The rows of a list: one frame, printed once and filled for each."""

import html
import re

import pytest

NAMES = [
    "100 % mine",
    "%(id)s",
    '<b>bold</b> & "more"',
    "{{ 7 * 7 }}",
    "\ue000\ue004",
    "anna.with.a.long.name@pelmeni.example",
]


def rows_of(answer):
    """The rows of a list by id, as they are printed."""
    return dict(re.findall(r'<tr id="row-([^"]+)"[^>]*>(.*?)</tr>', answer.text, re.DOTALL))


def cells_of(row):
    """What the cells of a row say."""
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in cells]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_in_its_row_as_it_is(browse, world, superuser_sql, name):
    chain = world.pelmenya
    owner = browse(chain.owner)
    named = "UPDATE getinn_ops.restaurant SET name = %s, address = %s WHERE id = %s"
    superuser_sql(named, [name, name, chain.restaurant_id])
    row = rows_of(owner.get(owner.account("restaurants?state=all")))[str(chain.restaurant_id)]
    assert cells_of(row)[1:3] == [name, name]
    assert html.unescape(re.search(r'aria-label="([^"]*)"', row)[1]) == f"Select {name}"
    assert f'value="{chain.restaurant_id}"' in row


def test_rows_that_are_out_of_use_say_so_and_others_do_not(browse, world, superuser_sql):
    chain = world.pelmenya
    owner = browse(chain.owner)
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE id = %s", [chain.restaurant_id])
    off = "SELECT id FROM getinn_ops.restaurant WHERE account_id = %s AND NOT is_active"
    archived = {str(row.id) for row in superuser_sql(off, [chain.account_id])}
    rows = rows_of(owner.get(owner.account("restaurants?state=all")))
    assert len(rows) > len(archived)
    assert {row_id for row_id, row in rows.items() if "Archived" in cells_of(row)[1]} == archived
