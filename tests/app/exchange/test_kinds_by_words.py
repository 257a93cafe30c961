"""Which kind a table is, by the words of its columns: one invented row each."""

import csv

import pytest

from app.errors import UserError
from app.exchange.plan import plan_file
from tests.app.exchange.conftest import MakeFile

# None: no customer data. The rows are between bars.
TABLES = [
    (
        "contact",
        "Full Name,Email,Company,Title",
        "Ann Lee,a@x.example,Foo,CEO",
    ),
    (
        "contact",
        "Customer Name,E-mail,City",
        "Ann Lee,a@x.example,Ulm",
    ),
    (
        "contact",
        "Name,Birthday,City",
        "Ann Lee,1990-01-02,Ulm",
    ),
    (
        "contact",
        "email",
        "a@x.example",
    ),
    (
        "contact",
        "prénom,nom,courriel,société",
        "Ann,Lee,a@x.example,Foo",
    ),
    (
        "contact",
        "Nombre,Apellidos,Correo electrónico,Empresa",
        "Ann,Lee,a@x.example,Foo",
    ),
    (
        "contact",
        "Name,Phone",
        "Ann Lee,+49 30 1234567",
    ),
    (
        "contact",
        "id,name,email,phone,organization_id,created_at",
        "1,Ann Lee,a@x.example,030 1234567,5,2020-01-01",
    ),
    (
        "company",
        "Company",
        "Foo",
    ),
    (
        "company",
        "Firma,Branche,Ort",
        "Foo,Handel,Ulm",
    ),
    (
        "company",
        "id,name,website,industry,owner",
        "1,Foo,foo.example,Retail,Bo Day",
    ),
    (
        "company",
        "Account Name,Type,Billing City,Account Owner,Last Activity",
        "Foo,Customer,Ulm,Bo Day,2020-01-01",
    ),
    (
        "deal",
        "Name,Amount,Stage,Close Date,Account",
        "Big,100,Won,2020-01-02,Foo",
    ),
    (
        "deal",
        "Opportunity Name,Account Name,Stage,Amount,Expected close,Owner",
        "Big,Foo,Demo,100,2030-01-02,Bo Day",
    ),
    (
        "deal",
        "Title,Value,Currency,Status,Organization,Person",
        "Big,100,EUR,open,Foo,Ann Lee",
    ),
    (
        "deal",
        "Chance,Betrag,Phase,Abschlussdatum,Firma",
        "Big,100,Demo,2030-01-02,Foo",
    ),
    (
        "ticket",
        "Subject,Status,Priority,Requester,Created",
        "Help,open,high,Ann Lee,2020-01-02",
    ),
    (
        "ticket",
        "Ticket number,Title,State,Assigned to,Opened",
        "1,Help,open,Bo Day,2020-01-02 10:00",
    ),
    (
        "activity",
        "Date,Type,Subject,Contact,Notes",
        "2020-01-02,Call,Hello,Ann Lee,text",
    ),
    (
        "task",
        "Task,Due date,Assigned to,Status",
        "Call Ann,2030-01-02,Bo Day,open",
    ),
    (
        "task",
        "To do,Due,Priority",
        "Call Ann,2030-01-02,high",
    ),
    (
        "task",
        "Aufgabe,Fällig am,Zuständig",
        "Anrufen,2030-01-02,Bo Day",
    ),
    (
        "appointment",
        "Subject,Start Date,Start Time,End Date,End Time,All day event,Location",
        "Meet,01/02/2030,10:00,01/02/2030,11:00,False,Ulm",
    ),
    (
        "order",
        "Order ID,Order Date,Customer,Email,Total,Status",
        "1,2020-01-02,Ann Lee,a@x.example,10.50,paid",
    ),
    (
        "order",
        "Order number,Date,Product,Quantity,Price,Customer e-mail",
        "1,2020-01-02,Alpha,2,5.00,a@x.example",
    ),
    (
        "order",
        "Bestellnummer,Bestelldatum,Kunde,Artikel,Menge,Einzelpreis",
        "1,2020-01-02,Ann Lee,Alpha,2,5.00",
    ),
    (
        "order",
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "536365,85123A,HOLDER,6,12/1/10 8:26,2.55,17850,United Kingdom",
    ),
    (
        "product",
        "Product,SKU,Price",
        "Alpha,A1,10.00",
    ),
    (
        "product",
        "Artikelnummer,Bezeichnung,Preis",
        "A1,Alpha,10.00",
    ),
    (
        "user",
        "Sales Rep,Manager,Region",
        "Ann Lee,Bo Day,North",
    ),
    (
        "user",
        "Name,Email,Role,Team",
        "Ann Lee,a@x.example,Member,North",
    ),
    (
        "stage",
        "stage,pipeline,probability",
        "Demo,Main,25",
    ),
    (
        "stage_change",
        "deal_id,stage_id,changed at",
        "1,2,2020-01-02 10:00",
    ),
    (
        "ticket_message",
        "ticket_id,comment,author,created_at",
        "1,Hello there,Ann Lee,2020-01-02 10:00",
    ),
    (
        "event",
        "event,timestamp,user_id,anonymous_id",
        "Page Viewed,2020-01-02T10:00:00Z,5,abc",
    ),
    (
        "event",
        "event_name,event_time,user_email,properties",
        'Product Viewed,2020-01-02 10:00,a@x.example,"{}"',
    ),
    (
        None,
        "city,population,area",
        "Ulm,126000,118",
    ),
    (
        None,
        "date,open,high,low,close,volume",
        "2020-01-02,1,2,0.5,1.5,1000",
    ),
    (
        None,
        "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked",
        '1,0,3,"Braund, Mr. Owen",male,22,1,0,A/5 21171,7.25,,S',
    ),
    (
        None,
        "station,date,temp_max,temp_min,rain,wind",
        "X,2020-01-02,3,1,0,4",
    ),
    (
        None,
        "sepal_length,sepal_width,petal_length,petal_width,species",
        "5.1,3.5,1.4,0.2,setosa",
    ),
    (
        None,
        "Country,Code,Year,GDP",
        "Spain,ESP,2001,1.2",
    ),
    (
        None,
        "timestamp,level,message",
        "2020-01-02 10:00,INFO,started",
    ),
    (
        None,
        "title,author,isbn,year,publisher",
        "A book,Ann Lee,123,1999,Foo",
    ),
    (
        None,
        "movieId,title,genres",
        "1,Toy Story,Comedy",
    ),
    (
        None,
        "userId,movieId,rating,timestamp",
        "1,2,3.5,1112486027",
    ),
]


@pytest.mark.parametrize(("kind", "header", "row"), TABLES)
def test_a_table_is_of_the_kind_that_its_words_say(
    make_file: MakeFile, kind: str | None, header: str, row: str
) -> None:
    file = make_file([header.split(","), *csv.reader([row])])
    if kind is None:
        with pytest.raises(UserError, match="--as"):
            plan_file(file)
    else:
        plan = plan_file(file)
        assert plan.kind == kind
        assert plan.rows == 1
