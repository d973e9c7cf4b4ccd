"""Units that things are counted and measured in."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Unit(LabelledEnum):
    """A unit of quantity, with its symbol for people."""

    PIECE = "piece", _l("pcs")
    SET = "set", _l("sets")
    PAIR = "pair", _l("pairs")
    PACK = "pack", _l("packs")
    KILOGRAM = "kg", _l("kg")
    GRAM = "g", _l("g")
    LITRE = "l", _l("l")
    MILLILITRE = "ml", _l("ml")
    METRE = "m", _l("m")
    SQUARE_METRE = "m2", _l("m²")


# Of these there are only whole ones.
COUNTED = frozenset({Unit.PIECE, Unit.SET, Unit.PAIR, Unit.PACK})
