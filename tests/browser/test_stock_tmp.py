from tests.inventory.pages import StockBrowser
from tests.browsing import Browser
def test_look(app, database, browse, world, open_page, superuser_sql):
    c=world.pelmenya
    b=StockBrowser(browse(c.owner), c, superuser_sql)
    superuser_sql("UPDATE getinn_ops.inventory_item SET name='Масло сливочное 82,5 %%', category='Молочное', current_cost_per_unit=512.5 WHERE id=%s",[b.item_id])
    b.item='Масло сливочное 82,5 %'
    for n in ("Мука пшеничная","Сметана 20 %","Фарш говяжий","Соль поваренная пищевая помол №1"):
        [r]=superuser_sql("INSERT INTO getinn_ops.inventory_item (account_id,name,default_unit_id,category,reorder_level,current_cost_per_unit) VALUES (%s,%s,%s,%s,20,75) RETURNING id",[c.account_id,n,c.id_of("unit"),"Бакалея" if "ук" in n or "оль" in n else "Молочное"])
        b.move(12.5,item_id=r.id); b.move(-3,item_id=r.id,kind="write_off",at="now()-interval '2 hours'")
    b.move(5, lot="old", expiry="current_date - 2"); b.move(6, lot="soon", expiry="current_date + 2"); b.move(-9,kind="write_off")
    cid=b.start(note="Месячная"); b.count(cid,"3,5")
    b2=StockBrowser(browse(c.chef), c, superuser_sql)
    paths={"stock":"stock","low":"stock?level=low","item":f"stock/{b.stock_id}","journal":"stock/movements","mv":f"stock/movements/{b.latest().id}","wo":f"stock/write-offs/new?stock_id={b.stock_id}","tr":"stock/transfers/new","counts":"counts","count":f"counts/{cid}","review":f"counts/{cid}/review","sheet":f"counts/{cid}/sheet","new":"counts/new","store":f"stores/{c.store_id}"}
    for phone in (False, True):
        page=open_page(c.owner, phone=phone, locale="ru-RU", dark=False)
        for k,p in paths.items():
            page.goto(f"/accounts/{c.slug}/{p}"); page.wait_for_timeout(150)
            w=page.evaluate("document.documentElement.scrollWidth")
            print(k,phone,w)
            page.screenshot(path=f"/tmp/st_{k}{'_p' if phone else ''}.png", full_page=True)
    page=open_page(c.owner, phone=True, dark=True, locale="ru-RU"); page.goto(f"/accounts/{c.slug}/counts/{cid}")
    i=page.locator(".count-line__input").nth(1); i.fill("7,25"); i.press("Tab"); page.wait_for_timeout(800)
    other=open_page(c.chef, phone=True, locale="ru-RU"); other.goto(f"/accounts/{c.slug}/counts/{cid}")
    j=other.locator(".count-line__input").nth(2); j.fill("1"); j.press("Enter"); 
    k=page.locator(".count-line__input").nth(2); k.fill("2")
    page.wait_for_timeout(6500)
    print(page.locator(".count-line__state").nth(2).inner_text(), page.locator("#count-progress").inner_text(), k.input_value())
    k.press("Enter"); page.wait_for_timeout(900)
    page.screenshot(path="/tmp/st_contest.png", full_page=True)
    wo=open_page(c.owner); wo.goto(f"/accounts/{c.slug}/stock/write-offs/new?store_id={c.store_id}")
    wo.get_by_label("Item").first.press_sequentially("Масл"); wo.wait_for_timeout(700)
    print(wo.locator("datalist").first.inner_html())
    wo.get_by_label("Item").first.fill(b.item); wo.get_by_label("Quantity").first.fill("1,5"); wo.get_by_label("Quantity").first.press("Tab"); wo.wait_for_timeout(1200)
    wo.screenshot(path="/tmp/st_wo2.png", full_page=True)
    print(wo.locator("#lines select").first.inner_html())
