"""A stand-in for an iiko server: seats, expiry, one request at a time, and all that such servers answer instead.

    with FakeIiko(seats=2, chain=Chain.of_size(400)) as fake:   # plain HTTP; tls=Certificate() for a self-signed one
        fake.base_url, fake.login, fake.password                # what an owner types
        fake.chain.rename("Кафе № 1", …)                        # by node or id: change, move, remove, add_department,
        fake.chain.find("Кафе № 1")                             # add_store, resize, departments, stores
        fake.trade()                                            # suppliers, products, invoices: by day, and odd ones
        fake.purchases.add(Invoice(…)), .change(row, …), .remove(row), .suppliers, .products, .units, .invoices
        fake.faults.plan("no_seat", on="auth", times=1)         # any of faults.NAMES; on=None: any request
        fake.denied.add("products"); fake.lacking.add("charts") # no right for it; not of this version
        fake.pass_time(minutes=61); fake.restart()              # sessions end
        fake.seats.held, .free, .most, .log_ins, .refused, .taken_by_others
        fake.overlaps, fake.leaks                               # both must stay 0
        fake.calls_of("auth"), fake.wait_for_call("departments"), fake.on_call = …

Requests are called info, auth, logout, licence, server_type, departments, stores, suppliers, employees, products,
groups, units, charts, invoices, columns, olap (``server.PATHS``). Faults: ``faults.STATUSES`` (an answer instead),
``BODIES`` (a good answer with other bytes), ``TIMES`` (delay, drip, hang: ``seconds=``; cut, cut_accepted).
"""

from tests.fakes.iiko.certificate import Certificate
from tests.fakes.iiko.chain import Chain, Node
from tests.fakes.iiko.server import FakeIiko

__all__ = ["Certificate", "Chain", "FakeIiko", "Node"]
