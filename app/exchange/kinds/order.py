"""Orders: one row an order, or one row a line of it with what is said of the order beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import (
    CURRENCY_WORDS,
    EMAIL_WORDS,
    ID_WORDS,
    MODIFIED_WORDS,
    PHONE_WORDS,
    Shape,
    a_field,
    a_kind,
)
from models.values import OrderStatus, name_key

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

_T, _ID, _M = Shape.TEXT, Shape.ID, Shape.MONEY

ORDER = a_kind(
    "order",
    "Order",
    "orders",
    (
        a_field("number", "Order number", _ID, "order number|order no|order nr|order name|order|"
            "order id|invoice number|invoice no|invoice nr|invoice|invoice id|purchase id|"
            "purchase order|transaction id|sales order|increment id|receipt number|bestellnummer|"
            "auftragsnummer|rechnungsnummer|belegnummer|numéro de commande|commande|"
            "número de pedido|pedido|numero ordine", 2.5, 100),
        a_field("at", "When", Shape.MOMENT, "order date|ordered at|ordered on|order time|"
            "order datetime|date ordered|order placed|order created|invoice date|purchase date|"
            "purchased at|date of purchase|transaction date|order purchase timestamp|bestelldatum|"
            "auftragsdatum|rechnungsdatum|kaufdatum|date de commande|fecha de pedido|data ordine|"
            "order placed at", 2.2),
        a_field("created_on", "Created on", Shape.MOMENT, "created at|created|date|paid at|"
            "processed at|completed at|date created|datum|timestamp|paid date|date paid", 0.3),
        a_field("status", "Status", Shape.CHOICE, "status|order status|financial status|"
            "payment status|state|bestellstatus|statut|estado|stato", 0.8, 60),
        a_field("fulfillment", "Delivery", Shape.CHOICE, "fulfillment status|fulfilment status|"
            "delivery status|shipping status|shipment status|lieferstatus", 1.2, 60),
        a_field("cancelled_at", "Cancelled on", Shape.MOMENT, "cancelled at|canceled at|"
            "cancelled on|cancellation date|date cancelled|storniert am", 0.6),
        a_field("total", "Total", _M, "total|order total|grand total|total price|order amount|"
            "total amount|amount|order value|invoice total|total paid|gesamtbetrag|gesamtsumme|"
            "summe|total ttc|importe total|totale", 1.5),
        a_field("refunded", "Refunded", _M, "refunded amount|total refunded|refund amount|"
            "refund total|refunds|amount refunded|order refund amount|order refund|erstattet|"
            "cart refund", 1.0),
        a_field("currency", "Currency", Shape.CURRENCY, CURRENCY_WORDS + "|order currency|"
            "order currency code|presentment currency", 0.2),
        a_field("contact", "Customer", Shape.LINK, "customer name|customer|billing name|"
            "customer full name|billing full name|bill to name|buyer|buyer name|client|"
            "client name|contact|contact name|kunde|kundenname|cliente|acheteur", 0.4, 300),
        a_field("given_name", "Customer's first name", _T, "billing first name|first name|"
            "customer first name|firstname|customer firstname|vorname|prénom", 0.2, 150),
        a_field("family_name", "Customer's last name", _T, "billing last name|last name|"
            "customer last name|lastname|customer lastname|nachname|surname", 0.2, 150),
        a_field("contact_email", "Customer's e-mail", Shape.EMAIL, EMAIL_WORDS + "|customer email|"
            "billing email|buyer email|customer e mail|client email", 0.4, 320),
        a_field("contact_phone", "Customer's phone", Shape.PHONE, PHONE_WORDS + "|billing phone|"
            "customer phone", 0.1, 64),
        a_field("contact_ref", "Customer's id", _ID, "customer id|customer number|customer no|"
            "customer code|customer key|cust id|user id|client id|buyer id|member id|contact id|"
            "kundennummer|kunden id|customer user", 0.8, 300),
        a_field("company", "Company", Shape.LINK, "company|company name|billing company|"
            "customer company|organization|firma|société|empresa", 0.2, 300),
        a_field("company_ref", "Company's id", _ID, "company id|account id|organization id", 0.3, 300),
        a_field("channel", "Channel", _T, "channel|sales channel|order source|source name|source|"
            "purchase point|created via|store|store name|kanal|vertriebskanal", 0.3, 60),
        a_field("product", "Product", _T, "product|product name|product title|item|item name|"
            "line item|line item name|lineitem name|item description|description|article|artikel|"
            "produkt|produktname|bezeichnung|produit|producto|title", 0.8, 300),
        a_field("sku", "Product's code", _ID, "sku|lineitem sku|product sku|item sku|variant sku|"
            "stock code|item code|product code|product id|item number|item id|article number|"
            "artikelnummer|asin|ean|code", 1.0, 100),
        a_field("quantity", "Quantity", Shape.NUMBER, "quantity|qty|lineitem quantity|"
            "item quantity|quantity ordered|qty ordered|order quantity|units|menge|anzahl|"
            "quantité|cantidad|quantità", 1.2),
        a_field("price", "Unit price", _M, "price|unit price|lineitem price|item price|item cost|"
            "price each|product price|preis|einzelpreis|stückpreis|prix|prix unitaire|precio", 1.0),
        a_field("line_total", "Line's total", _M, "line total|item total|line amount|row total|"
            "line item total|item subtotal|extended price|sales|positionssumme|total line price",
            0.8),
        a_field("discount", "Line's discount", _M, "discount|lineitem discount|line discount|"
            "item discount|rabatt|remise|descuento", 0.4),
        a_field("external_id", "Other system's id", _ID, ID_WORDS + "|order id|order key|"
            "order uuid|entity id", 0.3, 300),
        a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
    ),
    "number",
    "external_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What a row says of one line; `price` is of one piece, `amount` of all, in major units."""

    name: str | None
    code: str | None
    quantity: Decimal
    price: Decimal
    amount: Decimal
    currency: str | None


_WORDS: Final[Mapping[OrderStatus, str]] = {
    OrderStatus.PENDING: "pending|placed|new|open|unpaid|on hold|authorized|pending payment|draft|"
        "checkout draft|awaiting payment|created|received|submitted|holded|payment review|"
        "partially paid|offen|neu|ausstehend|en attente|pendiente|in attesa|nouveau",
    OrderStatus.PAID: "paid|processing|partially refunded|confirmed|approved|captured|succeeded|"
        "invoiced|in progress|bezahlt|in bearbeitung|payé|payée|pagado|pagato|en cours",
    OrderStatus.SHIPPED: "shipped|completed|complete|fulfilled|delivered|closed|done|partial|"
        "return pending|versendet|versandt|geliefert|abgeschlossen|expédié|livré|terminé|enviado|"
        "entregado|completado|spedito|consegnato",
    OrderStatus.CANCELLED: "cancelled|canceled|voided|void|failed|declined|expired|rejected|trash|"
        "storniert|abgebrochen|annulé|annulée|cancelado|anulado|annullato",
    OrderStatus.REFUNDED: "refunded|returned|return|refund|chargeback|charged back|erstattet|"
        "zurückgegeben|retourniert|remboursé|reembolsado|devuelto|rimborsato",
}  # fmt: skip
_STATUSES: Final = {
    name_key(word): status for status, words in _WORDS.items() for word in words.split("|")
}
NUMBERS: Final = " number"  # after a system's name: under it stand the numbers people see
_SHARE: Final = Decimal(1)  # a discount up to here is a share, above it an amount


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its order, and its line beside them."""
    line = line_of(values)
    if line is not None and _is_id_of_line(shaped):
        shaped.external = None
        shaped.keys.clear()
    number = values.get("number")
    known_by = shaped.external
    shaped.columns["number"] = (number or known_by or values["external_id"])[:100]
    at = values.get("at") or values.get("created_on")
    if at is not None:
        shaped.columns["at"] = at
    if "channel" in values:
        shaped.columns["channel"] = values["channel"]
    status = _status(shaped, values)
    if status is not None:
        shaped.columns["status"] = status
    if number is not None:
        if known_by is None:
            shaped.external = number
        else:
            shaped.keys.append((f"external:{shaper.system}{NUMBERS}", number))
        shaped.keys.append((f"external:{shaper.system}", number))
        if known_by is None:
            shaped.keys.append((f"external:{shaper.system}{NUMBERS}", number))
    if line is not None:
        shaped.extra["line"] = line
    _customer(shaped, values)


def line_of(values: Mapping[str, Any]) -> Line | None:
    """Return the line that a row or a part of a record describes, None where it has none."""
    if values.keys().isdisjoint(("product", "sku", "quantity", "line_total")):
        return None
    quantity = values.get("quantity", Decimal(1))
    price, sign = values.get("price", (None, None))
    amount, _ = values.get("line_total", (None, None))
    if amount is None and price is None:
        price = Decimal(0)
    if amount is None:
        amount = price * quantity
        discount = values.get("discount", (Decimal(0), None))[0]
        # A share is taken off, an amount is of the whole line.
        amount -= amount * discount if 0 < discount <= _SHARE else discount
    if price is None or ("discount" in values and quantity):
        price = amount / quantity if quantity else amount
    return Line(values.get("product"), values.get("sku"), quantity, price, amount, sign)


def _is_id_of_line(shaped: "Shaped") -> bool:
    """Say whether the row's own id is that of its line: `order_id` stands beside `id`."""
    columns = shaped.draft.columns
    return (
        "number" in shaped.draft.values
        and name_key(columns.get("number", "")) in {"orderid", "invoiceid"}
        and name_key(columns.get("external_id", "")) in {"id", "lineid", "lineitemid"}
    )


def _status(shaped: "Shaped", values: Mapping[str, Any]) -> OrderStatus | None:
    """Return the status of what is said of payment, delivery and cancellation."""
    if "cancelled_at" in values:
        return OrderStatus.CANCELLED
    found: dict[str, OrderStatus | None] = {}
    for key in ("status", "fulfillment"):
        word = values.get(key)
        if word is None:
            continue
        found[key] = _STATUSES.get(name_key(word))
        if found[key] is None and key == "status":
            shaped.draft.complain(
                key, word, "This word is not known here; the usual status was taken."
            )
    status, delivered = found.get("status"), found.get("fulfillment")
    if delivered is OrderStatus.SHIPPED and status in {None, OrderStatus.PAID}:
        return OrderStatus.SHIPPED
    return status


def _customer(shaped: "Shaped", values: Mapping[str, Any]) -> None:
    parts = (values.get("given_name"), values.get("family_name"))
    name = values.get("contact") or " ".join(part for part in parts if part)
    if name:
        shaped.links["contact_id"] = ("contact", name)
    if "company" in values:
        shaped.links["company_id"] = ("company", values["company"])
    if "contact_email" in values:
        shaped.extra["contact_email"] = values["contact_email"]
