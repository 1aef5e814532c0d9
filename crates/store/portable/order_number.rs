//! Numbers of orders and accounts: counted up in the transaction that places the order, so that one that fails leaves no gap.

use relance_domain::order::{NumberForm, OrderForm};
use relance_store::order::Placing;
use relance_store::{Result, StoreError};

use crate::connect::failed;
use crate::{Connection, Engine};

/// Takes the next number of a campaign's orders.
pub(super) async fn take_order(connection: &mut Connection, campaign: i64, placing: &Placing) -> Result<String> {
    let form = (&placing.number, placing.year);
    let taken = "-- number: is it an order's already?
        SELECT COUNT(*) FROM orders WHERE campaign_id = $1 AND number = $2";
    next(connection, campaign, "order", form, taken).await
}

/// The account of an order: counted up, or as it was typed.
pub(super) async fn account(
    connection: &mut Connection,
    campaign: i64,
    placing: &Placing,
    form: &OrderForm,
) -> Result<Option<String>> {
    let Some(numbers) = &placing.account else {
        refuse_taken(connection, campaign, None, form.account.as_deref()).await?;
        return Ok(form.account.clone());
    };
    let taken = "-- number: is it an account already?
        SELECT COUNT(*) FROM orders WHERE campaign_id = $1 AND account = $2";
    next(connection, campaign, "account", (numbers, placing.year), taken).await.map(Some)
}

/// Counts up until a number is free: where a campaign changed how its numbers look, an old one may be met again.
async fn next(
    connection: &mut Connection,
    campaign: i64,
    what: &'static str,
    (form, year): (&NumberForm, i16),
    taken: &'static str,
) -> Result<String> {
    loop {
        let count = sqlx::query_scalar::<Engine, i64>(
            "-- number: the next one; whoever else takes one waits
            INSERT INTO order_number (campaign_id, what, period, last) VALUES ($1, $2, $3, 1)
            ON CONFLICT (campaign_id, what, period) DO UPDATE SET last = order_number.last + 1
            RETURNING last",
        )
        .bind(campaign)
        .bind(what)
        .bind(form.period(year))
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
        let number = form.number(count, year);
        let found = sqlx::query_scalar::<Engine, i64>(taken)
            .bind(campaign)
            .bind(&number)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        if found == 0 {
            return Ok(number);
        }
    }
}

/// Refuses an account number that another order of the campaign has.
pub(super) async fn refuse_taken(
    connection: &mut Connection,
    campaign: i64,
    of: Option<i64>,
    account: Option<&str>,
) -> Result<()> {
    let Some(account) = account else { return Ok(()) };
    let other = sqlx::query_scalar::<Engine, String>(
        "-- number: whose account it is already
        SELECT number FROM orders WHERE campaign_id = $1 AND account = $2 AND id <> COALESCE($3, 0)",
    )
    .bind(campaign)
    .bind(account)
    .bind(of)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    match other {
        None => Ok(()),
        Some(number) => {
            Err(StoreError::Conflict(format!("this account number is that of order {number}: type another one")))
        }
    }
}
