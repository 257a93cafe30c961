"""What other currencies are worth in the workspace's own.

A deal's `rate` turns its minor units into the workspace's minor units, so that totals are one
multiplication in SQL. Open deals follow the rate of the day; a deal that closes keeps its rate.
"""

from decimal import Decimal, InvalidOperation
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.settings import store_setting, stored_setting, workspace_settings
from app.errors import UserError
from models.records import Deal
from models.values import StageType, currency_exponent

KEY: Final = "exchange_rates"


def exchange_rates(session: Session) -> dict[str, Decimal]:
    """Return what one major unit of each known currency is worth in the workspace's currency."""
    stored = stored_setting(session, KEY) or {}
    rates = {code: Decimal(text) for code, text in stored.items()}
    return {**rates, workspace_settings(session).currency: Decimal(1)}


def minor_rate(session: Session, currency: str, rate: Decimal | None = None) -> Decimal:
    """Return the factor from minor units of a currency to the workspace's; `rate` is in major."""
    own = workspace_settings(session).currency
    known = rate if rate is not None else exchange_rates(session).get(currency)
    if known is None:
        raise UserError(
            "Closeknit does not know yet what one {currency} is worth in {own}.",
            currency=currency,
            own=own,
            field="currency",
        )
    if known <= 0:
        raise UserError("An exchange rate is more than 0.", field="rate")
    return Decimal(known).scaleb(currency_exponent(own) - currency_exponent(currency))


def set_exchange_rate(session: Session, *, currency: str, rate: Decimal | str) -> int:
    """Say what one unit of a currency is worth from now on; return how many open deals follow."""
    code = currency.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():  # noqa: PLR2004  ISO 4217
        raise UserError("A currency has three letters, such as USD.", field="currency")
    if code == workspace_settings(session).currency:
        raise UserError("{currency} is this workspace's own currency.", currency=code)
    try:
        value = Decimal(rate)
    except InvalidOperation as error:
        raise UserError("“{rate}” is not a number.", rate=rate, field="rate") from error
    factor = minor_rate(session, code, value)
    store_setting(session, KEY, {**(stored_setting(session, KEY) or {}), code: str(value)})
    followers = session.scalars(
        select(Deal).where(Deal.currency == code, Deal.stage_type == StageType.OPEN)
    ).all()
    for deal in followers:
        deal.rate = factor
    return len(followers)
