"""Shops and event streams that are known by their headers."""

from typing import Final

from app.exchange.layout import Layout, layout

_BOOKKEEPING: Final[dict[str, str | None]] = {
    "_fivetran_synced": None, "_fivetran_deleted": None, "_fivetran_id": None, "_file": None,
    "_line": None,
}  # fmt: skip
_SHOPIFY_LINE: Final[dict[str, str | None]] = {
    "Lineitem name": "product", "Lineitem sku": "sku", "Lineitem quantity": "quantity",
    "Lineitem price": "price", "Lineitem discount": "discount",
}  # fmt: skip

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("shopify", "Shopify orders", "order", "Financial Status|Fulfillment Status|"
           "Lineitem quantity|Lineitem name|Lineitem price|Lineitem sku|Billing Name|Paid at",
           {"Name": "number", "Id": "external_id", "Email": "contact_email",
            "Created at": "at", "Paid at": "created_on", "Cancelled at": "cancelled_at",
            "Financial Status": "status", "Fulfillment Status": "fulfillment", "Total": "total",
            "Refunded Amount": "refunded", "Currency": "currency", "Billing Name": "contact",
            "Billing Company": "company", "Billing Phone": "contact_phone", "Source": "channel",
            "Subtotal": None, "Shipping": None, "Taxes": None, "Discount Amount": None,
            "Discount Code": None, "Shipping Name": None, "Shipping Company": None,
            "Shipping Phone": None, "Shipping Method": None, "Fulfilled at": None, "Vendor": None,
            "Outstanding Balance": None, "Payment Method": None, "Phone": None,
            "Payment Reference": None, "Payment ID": None, "Accepts Marketing": None,
            "Lineitem compare at price": None, "Lineitem fulfillment status": None,
            "Lineitem requires shipping": None, "Lineitem taxable": None, **_SHOPIFY_LINE}, 4),
    layout("shopify", "Shopify order lines (API)", "order", "order_id|variant_id|product_id|price|"
           "quantity|fulfillable_quantity|fulfillment_service|requires_shipping|gift_card|grams",
           {"order_id": "number", "id": None, "product_id": None, "variant_id": None,
            "name": "product", "title": None, "vendor": None, "sku": "sku", "price": "price",
            "quantity": "quantity", "total_discount": "discount", "fulfillment_status": None,
            "pre_tax_price": None, **_BOOKKEEPING}, 6),
    layout("shopify", "Shopify orders (API)", "order", "id|order_number|total_price|"
           "financial_status|fulfillment_status|customer_id|processed_at|cart_token|checkout_token|"
           "subtotal_price|total_line_items_price",
           {"id": "external_id", "name": "number", "order_number": None, "number": None,
            "email": "contact_email", "customer_id": "contact_ref", "created_at": "at",
            "processed_at": "created_on", "cancelled_at": "cancelled_at",
            "total_price": "total", "currency": "currency", "financial_status": "status",
            "fulfillment_status": "fulfillment", "source_name": "channel", "user_id": None,
            "title": None, "note": None, "phone": None, "closed_at": None,
            "subtotal_price": None, "total_discounts": None, "total_tax": None,
            **_BOOKKEEPING}, 7),
    layout("shopify", "Shopify abandoned checkouts", "event", "abandoned_checkout_url|cart_token|"
           "customer_id|landing_site_base_url|total_line_items_price|total_price|completed_at|"
           "closed_at|referring_site",
           {"id": "message_id", "created_at": "at", "cart_token": "cart_ref", "token": None,
            "customer_id": "user_id", "email": "email", "currency": "currency",
            "total_price": "revenue", "name": None, "shipping_address_name": "person_name",
            "phone": None, "updated_at": None, **_BOOKKEEPING}, 4),
    layout("shopify", "Shopify customers (API)", "contact", "id|first_name|last_name|orders_count|"
           "total_spent|verified_email|tax_exempt|email_marketing_consent_state|state|"
           "email_marketing_consent_opt_in_level",
           {"id": "external_id", "state": None, "total_spent": None, "orders_count": None,
            "email_marketing_consent_state": None, "verified_email": None, "tax_exempt": None,
            "email_marketing_consent_opt_in_level": None, "note": "description",
            "email_marketing_consent_updated_at": None, "can_delete": None, "currency": None,
            **_BOOKKEEPING}, 7),
    layout("shopify", "Shopify customers", "contact", "First Name|Last Name|Email|Total Spent|"
           "Total Orders|Tax Exempt|Accepts Email Marketing|Default Address Address1|"
           "Default Address City|Accepts Marketing|Address1|Province Code",
           {"Customer ID": "external_id", "Default Address Company": "company",
            "Default Address Address1": "street", "Default Address City": "city",
            "Default Address Zip": "postal_code", "Default Address Country Code": "country",
            "Default Address Province Code": "region", "Default Address Phone": None,
            "Accepts Email Marketing": "email_consent", "Accepts SMS Marketing": None,
            "Total Spent": None, "Total Orders": None, "Tax Exempt": None}, 6),
    layout("woocommerce", "WooCommerce orders", "order", "order_number|order_date|order_currency|"
           "order_total|customer_email|billing_first_name|billing_email|item_total|order_status|"
           "order_key|cart_discount|payment_method_title|shipping_total",
           {"order_number": "number", "order_id": "external_id", "order_date": "at",
            "status": "status", "order_status": "status", "order_total": "total",
            "order_currency": "currency", "customer_email": "contact_email",
            "billing_email": "contact_email", "billing_first_name": "given_name",
            "billing_last_name": "family_name", "billing_company": "company",
            "billing_phone": "contact_phone", "customer_id": "contact_ref",
            "customer_user": "contact_ref", "product_name": "product", "item_name": "product",
            "product_id": None, "sku": "sku", "quantity": "quantity", "item_quantity": "quantity",
            "item_price": "price", "item_total": "line_total", "refunded_total": "refunded",
            "order_refund_amount": "refunded", "cart_discount": None, "order_discount": None,
            "order_subtotal": None, "shipping_total": None, "paid_date": "created_on",
            "completed_date": None, "order_key": None, "discount_total": None}, 4),
    layout("magento", "Magento orders", "order", "increment_id|base_grand_total|grand_total|"
           "order_currency_code|customer_email|customer_firstname|store_id|base_total_paid|"
           "entity_id|purchase point|grand total (base)|grand total (purchased)|bill-to name|"
           "ship-to name|purchase date",
           {"increment_id": "number", "entity_id": "external_id", "created_at": "at",
            "status": "status", "state": None, "base_grand_total": None, "grand_total": "total",
            "base_currency_code": None, "order_currency_code": "currency",
            "customer_id": "contact_ref", "customer_email": "contact_email",
            "customer_firstname": "given_name", "customer_lastname": "family_name",
            "total_refunded": "refunded", "base_total_refunded": None, "store_name": "channel",
            "ID": "number", "Purchase Point": "channel", "Purchase Date": "at",
            "Bill-to Name": "contact", "Ship-to Name": None, "Grand Total (Base)": None,
            "Grand Total (Purchased)": "total", "Subtotal": None, "Billing Address": None,
            "Shipping Address": None, "Customer Name": None, "Customer Group": None}, 4),
    layout("magento", "Magento customers", "contact", "_website|_store|website_id|store_id|"
           "created_in|group_id|password_hash|rp_token|taxvat|disable_auto_group_change",
           {"password_hash": None, "password": None, "rp_token": None, "_website": None,
            "rp_token_created_at": None, "confirmation": None, "failures_num": None,
            "first_failure": None, "lock_expires": None, "gender": None, "store_id": None,
            "website_id": None, "group_id": None, "created_in": None, "_store": None,
            "dob": "birthday", "email": "email", "firstname": "given_name",
            "middlename": "middle_name", "lastname": "family_name", "prefix": None,
            "suffix": None, "entity_id": "external_id"}, 4),
    layout("mixpanel", "Mixpanel events", "event", "distinct_id|insert_id|$insert_id|$distinct_id|"
           "mp_lib|mp_country_code|mp_processing_time_ms|mp_keyword|event|time|properties",
           {"name": "name", "event": "name", "event_name": "name", "time": "at", "$time": "at",
            "distinct_id": "anonymous_id", "$distinct_id": "anonymous_id",
            "insert_id": "insert_id", "$insert_id": "insert_id", "properties": "properties",
            "event_id": None, "device_id": None, "user_id": "user_id", **_BOOKKEEPING}, 3),
    layout("snowplow", "Snowplow events", "event", "event_id|collector_tstamp|domain_userid|"
           "event_name|event_vendor|v_tracker|v_collector|etl_tstamp|derived_tstamp|"
           "network_userid|dvce_created_tstamp|page_urlhost",
           {"event_id": "message_id", "derived_tstamp": "at", "collector_tstamp": "received_at",
            "event_name": "name", "event": None, "domain_userid": "anonymous_id",
            "user_id": "user_id", "tr_orderid": "order_ref", "tr_total": "revenue",
            "tr_currency": "currency", "network_userid": None, "name_tracker": None}, 5),
    layout("segment", "Segment events (warehouse)", "event", "anonymous_id|user_id|received_at|"
           "sent_at|original_timestamp|context_ip|context_user_agent|context_page_url|event_text|"
           "context_library_name|context_page_path|uuid_ts|context_campaign_source",
           {"id": "message_id", "message_id": "message_id", "timestamp": "at",
            "received_at": "received_at", "sent_at": None, "original_timestamp": None,
            "event_text": "name", "anonymous_id": "anonymous_id", "user_id": "user_id",
            "revenue": "revenue", "currency": "currency", "order_id": "order_ref",
            "cart_id": "cart_ref", "uuid_ts": None, "email": "email", "title": None}, 4),
    layout("segment", "Rejected events of a stream", "event", "type|event|timestamp|user_id|"
           "anonymous_id|message_id|properties", {"Not taken because": None, "type": None}, 6),
    layout("hubspot", "HubSpot e-mail events", "event", "recipient|email_campaign_id|portal_id|"
           "sent_by_id|sent_by_created|caused_by_id|filtered_event|obsoleted_by_id|app_id",
           {"id": "message_id", "type": "name", "created": "at", "recipient": "person",
            "_fivetran_synced": None}, 5),
)  # fmt: skip
