import csv
import pytest
from app.exchange.counts import Outcome
from app.exchange.fields import KINDS
from app.exchange.plan import plan_file, with_columns, Taking, OnMatch, with_taking
from app.exchange.runs import ImportRun, region_of, undo_batches
from tests.conftest import snapshot
BAD = {
 "long": "x" * 5000, "longß": "ß" * 5000, "longmail": "a@" + "b"*60 + ".example", "nul": "An\x00na", "big": "99999999999999999999999999", "neg": "-5",
 "big2": "999999999999", "date": "0001-01-01", "date2": "9999-12-31 23:59", "emoji": "👩‍👩‍👧 \u200f\ufeffx", "num": "1", "id": "1:2", "pct":"100", "x299": "y"*299,
 "csv": "a;b,c|d", "url": "https://" + "a"*70 + ".example/" + "b"*3000, "mail": "x@y.example", "bigphone": "+49 30 5557 0142 ext 99999999999999999999", "year":"0000", "inf":"inf", "nan": "NaN", "exp":"1e30", "small":"0.000000000001", "one":"-1", "cur": "12 JPY", "day": "2024-02-01", "many": ",".join(f"t{i}" for i in range(300)),
}
@pytest.mark.parametrize("kind", __import__('os').environ.get('TK','').split() or [k for k in KINDS if k != "event"])
def test_torture(postgresql, tmp_path, kind):
    store = postgresql
    fields = [f for f in KINDS[kind].fields]
    path = tmp_path / "a.csv"
    rows = []
    for name, bad in BAD.items():
        for i, f in enumerate(fields):
            row = [""] * len(fields)
            for j, g in enumerate(fields):
                if g in KINDS[kind].needs or g in ("ticket_ref", "at", "stage_ref", "deal_ref", "starts_at", "total", "sku", "name"):
                    shape = KINDS[kind].fields[g].shape.value
                    row[j] = {"moment": "2024-01-02 10:00", "date": "2024-01-02", "email": f"p{len(rows)}@x.example", "money": "5", "phone": "030 5557014"}.get(shape, f"v{len(rows)}")
            row[i] = bad
            rows.append(row)
    rows = [[f"w{i}" if c == "" and False else c for i, c in enumerate(r)] for r in rows]
    rows = [["v"] * len(fields)] * 60 + [r for r in rows if not any("\x00" in c for c in r)] + [r for r in rows if any("\x00" in c for c in r)]
    rows += [[bad] * len(fields) for bad in BAD.values()]
    with path.open("w", newline="") as file:
        w = csv.writer(file); w.writerow([f"{f}" for f in fields]); w.writerows(rows)
    region = region_of(store)
    before = snapshot(store)
    plan = plan_file(path, kind=kind, region=region)
    plan = with_columns(plan, dict(enumerate(fields)), region)
    (r,) = ImportRun(store, [plan], chunk=200).run()
    print(kind, dict(r.tally.counts))
    assert r.tally.read == len(rows)
    plan2 = with_taking(plan, Taking(OnMatch.NEWEST), region)
    (r2,) = ImportRun(store, [plan], chunk=200).run()
    print("again", dict(r2.tally.counts))
    (r3,) = ImportRun(store, [with_taking(plan, Taking(words={"x": {}}), region)], chunk=200).run()
    print("looked up", dict(r3.tally.counts))
    batches = [x.batch_id for x in (r, r2, r3)]
    c = {k.value for k, v in r3.tally.counts.items() if v}
    undo_batches(store, batches)
    after = snapshot(store)
    for k in before:
        if k != "import_batch":
            assert len(after[k]) == len(before[k]), (k, len(after[k]) - len(before[k]))
    assert not c & {"created", "updated", "merged"}, (kind, dict(r3.tally.counts))
