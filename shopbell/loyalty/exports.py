"""Recipes for exports of four tills and web shops.

The column names are facts about files that people's own programs read; each recipe says where they were
found. Whoever has a real export that differs writes a recipe of their own from it.
"""

from types import MappingProxyType

from shopbell.loyalty.amounts import Mark
from shopbell.loyalty.recipe import Columns, Kind, Recipe

_COUNTS, _SKIP = Kind.SALE, Kind.SKIP

SQUARE = Recipe(
    source="square",
    columns=Columns(
        sale=("Transaction ID",),
        date=("Date",),
        time=("Time",),
        customer=("Customer Reference ID", "Customer ID"),
        cashier=("Employee", "Staff Name"),
        kind=("Event Type",),
        sku=("SKU",),
        name=("Item",),
        category=("Category",),
        quantity=("Qty",),
        amount=("Net Sales",),
        tax=("Tax",),
    ),
    kinds={"payment": Kind.SALE, "refund": Kind.REFUND},
    refund_keeps_number=True,
)
"""Square, Dashboard > Transactions > Export > Items detail CSV.

Columns as in headers of such files quoted in public test data of 2024 to 2026: `Date,Time,Time Zone,Category,
Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,
...,Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID,...,Employee,...`.
Net Sales are without tax in either tax mode, so paid is Net Sales + Tax. Times are taken in the shop's zone;
the Time Zone column names zones in words of its own. That a refund carries the sale's Transaction ID is an
assumption: where it does not, the sale is looked for by customer and article.
"""

SHOPIFY = Recipe(
    source="shopify",
    columns=Columns(
        sale=("Name",),
        date=("Paid at", "Created at"),
        customer=("Email", "Phone", "Billing Phone"),
        cashier=("Employee",),
        status=("Financial Status",),
        sku=("Lineitem sku",),
        name=("Lineitem name",),
        quantity=("Lineitem quantity",),
        price=("Lineitem price",),
        discount=("Lineitem discount",),
        total=("Total",),
        shipping=("Shipping",),
        refunded=("Refunded Amount",),
    ),
    statuses={
        "paid": _COUNTS,
        "partially_refunded": _COUNTS,
        "refunded": _COUNTS,
        "pending": _SKIP,
        "authorized": _SKIP,
        "partially_paid": _SKIP,
        "unpaid": _SKIP,
        "voided": _SKIP,
        "expired": _SKIP,
    },
    decimal=Mark.POINT,
)
"""Shopify, Orders > Export > CSV.

Columns and the rule "one row per line item, order fields on the first row only" as described by
docs.xbp.app (Order Format) and in public test data. Paid for goods is Total - Shipping, spread over the
lines, so that discounts on the whole order and tax on top reach each line. The export does not say when or
for what money went back: a refund is dated with its order, spread by amount, and says nothing of pieces.
"""

WOOCOMMERCE = Recipe(
    source="woocommerce",
    columns=Columns(
        sale=("order_number", "order_number_formatted", "order_id"),
        date=("date", "paid_date", "order_date"),
        customer=("billing_email", "customer_email", "billing_phone", "customer_id"),
        status=("status",),
        line=("item_id",),
        sku=("item_sku",),
        name=("item_name",),
        quantity=("item_quantity",),
        amount=("item_total",),
        tax=("item_total_tax",),
        returned=("item_refunded_qty",),
        returned_amount=("item_refunded",),
    ),
    statuses={
        "completed": _COUNTS,
        "processing": _COUNTS,
        "refunded": _COUNTS,
        "pending": _SKIP,
        "on-hold": _SKIP,
        "cancelled": _SKIP,
        "failed": _SKIP,
        "checkout-draft": _SKIP,
    },
    decimal=Mark.POINT,
    rounds=True,
)
"""WooCommerce, extension Customer/Order/Coupon Export, format "Default CSV - One row per line item".

Columns from the extension's own list of fields (order fields, then `item_id, item_product_id, item_name,
item_sku, item_quantity, item_subtotal, item_subtotal_tax, item_total, item_total_tax, item_refunded,
item_refunded_qty, ...`) and woocommerce.com, Import and Export of WooCommerce Orders, whose files call the
date `order_date`. item_total is without tax and may have four decimals, so amounts are rounded once, at the
end.
"""

LIGHTSPEED = Recipe(
    source="lightspeed",
    columns=Columns(
        sale=("Receipt Number",),
        date=("Date",),
        customer=("Customer Code",),
        cashier=("User",),
        kind=("Line Type",),
        status=("Status",),
        sku=("Sku",),
        name=("Details",),
        quantity=("Quantity",),
        amount=("Total",),
    ),
    kinds={"sale": Kind.HEAD, "sale line": Kind.SALE, "payment": Kind.SKIP},
    statuses={
        "closed": _COUNTS,
        "onaccount_closed": _COUNTS,
        "layby_closed": _COUNTS,
        "dispatched_closed": _COUNTS,
        "pickedup_closed": _COUNTS,
        "onaccount": _COUNTS,
        "saved": _SKIP,
        "layby": _SKIP,
        "open": _SKIP,
        "parked": _SKIP,
        "voided": _SKIP,
    },
)
"""Lightspeed Retail (X-Series, once Vend), Sell > Sales history > Export.

Columns as in a public program that stores such files field by field: `Date, Receipt Number, Line Type,
Customer Code, Customer Name, Note, Quantity, Subtotal, Sales Tax, Discount, Loyalty, Total, Paid, Details,
Register, User, Status, Sku, AccountCodeSale, AccountCodePurchase`. The texts of Line Type and Status follow
the states the maker's interface names and were not checked against a file. A return is a receipt of its own
with quantities below zero; its sale is looked for by customer and article.
"""

BUILT_IN = MappingProxyType({recipe.source: recipe for recipe in (SQUARE, SHOPIFY, WOOCOMMERCE, LIGHTSPEED)})
"""Name -> recipe."""
