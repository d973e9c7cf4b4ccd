from tests.development.demo.test_demo import *  # noqa
def test_counts(sql):
    for t in ("supplier","inventory_item","unit","invoice","invoice_item","invoice_exception","inventory_item_price_history"):
        print(t, sql(f"SELECT count(*) FROM getinn_ops.{t}")[0][0])
    print(sql("SELECT kind, state, count(*), sum(money_at_stake) FROM getinn_ops.invoice_exception GROUP BY 1,2"))
    print(sql("SELECT status, count(*), min(invoice_date), max(invoice_date) FROM getinn_ops.invoice GROUP BY 1"))
    print(sql("SELECT name, current_cost_per_unit, cost_changed_on FROM getinn_ops.inventory_item ORDER BY sku"))
