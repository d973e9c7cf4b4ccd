"""A chain that buys: suppliers, units, products and invoices, from the server's bytes to the rows."""


def counts(office, run_id):
    return {
        key: {
            name: getattr(kind, name)
            for name in ("creates", "updates", "skips", "conflicts", "missing", "errors")
            if getattr(kind, name)
        }
        for key, kind in office.kinds(run_id).items()
    }


def test_probe(office, iiko):
    iiko.trade()
    run = office.sync()
    print(run.state, run.failure, run.details)
    for key, kind in office.kinds(run.id).items():
        print(key, kind.state, kind.failure, kind.details, counts(office, run.id)[key])
    acts = office.sql(
        "SELECT kind, word, reason, name, details, changes FROM getinn_ops.iiko_action WHERE run_id=%s AND word IN ('conflict','error')",
        [run.id],
    )
    for a in acts:
        print(a)
    import traceback

    import portal.iiko.sync.runner as r

    r.log.error = lambda *a: traceback.print_exc()
    run = office.apply(run.id)
    print(run.state)
    for key, kind in office.kinds(run.id).items():
        print(key, kind.state, kind.failure, kind.details.get("failure"), kind.written)
    assert 0
