//! What a tariff brought: its reopenings by reason and by the operator who had the refusal, and what came of them.

use relance_domain::reopening::HeldOutHow;
use relance_domain::tariff::Tariff;
use relance_domain::{Money, Span, TariffId};
use relance_store::Result;
use relance_store::brought::{Brought, ClassOfAttempts, OrdersAlike, ReopenedAlike};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

/// What a tariff brought; orders count for the measurement within this time of a reopening.
pub(super) async fn of(connection: &mut Connection, tariff: TariffId, within: Option<Span>) -> Result<Brought> {
    Ok(Brought {
        reopened: reopened(&mut *connection, tariff, within).await?,
        classes: classes(&mut *connection, tariff).await?,
        orders: orders(connection, tariff).await?,
    })
}

type ReopenedRow = (String, String, Option<String>, i64, i64, i64, i64, i64, i64);

async fn reopened(connection: &mut Connection, tariff: TariffId, within: Option<Span>) -> Result<Vec<ReopenedAlike>> {
    let rows = sqlx::query_as::<Engine, ReopenedRow>(
        "-- brought: who was reopened, was tried and ordered, by reason, operator and hold-out
        SELECT refusal.reason, app_user.name, reopening.hold_out,
            COUNT(CASE WHEN reopening.taken_back_at_ms IS NULL THEN 1 END),
            COUNT(CASE WHEN reopening.taken_back_at_ms IS NULL AND reopening.hold_out IS NULL
                AND reopening.released_at_ms IS NULL THEN 1 END),
            CAST(SUM((SELECT COUNT(*) FROM attempt WHERE attempt.reopening_id = reopening.id)) AS BIGINT),
            CAST(SUM(CASE WHEN EXISTS (SELECT 1 FROM attempt WHERE attempt.reopening_id = reopening.id
                AND attempt.class NOT IN ('no_answer', 'busy', 'machine', 'unreachable')) THEN 1 ELSE 0 END) AS BIGINT),
            COUNT(*),
            CAST(SUM(CASE WHEN EXISTS (SELECT 1 FROM attempt WHERE attempt.lead_id = reopening.lead_id
                AND attempt.class = 'order' AND attempt.recorded_at_ms >= reopening.reopened_at_ms
                AND ($2 IS NULL OR attempt.recorded_at_ms < reopening.reopened_at_ms + $2)) THEN 1 ELSE 0 END) AS BIGINT)
        FROM reopening
        JOIN refusal ON refusal.id = reopening.refusal_id
        JOIN attempt AS refused ON refused.id = refusal.attempt_id
        JOIN app_user ON app_user.id = refused.operator_id
        WHERE reopening.tariff_id = $1 AND (reopening.taken_back_at_ms IS NULL OR NOT EXISTS (
            SELECT 1 FROM reopening AS again WHERE again.lead_id = reopening.lead_id AND again.tariff_id = reopening.tariff_id
                AND again.refusal_id = reopening.refusal_id AND again.id > reopening.id))
        GROUP BY refusal.reason, app_user.name, reopening.hold_out
        ORDER BY refusal.reason, app_user.name, COALESCE(reopening.hold_out, '')",
    )
    .bind(tariff.0)
    .bind(within.map(|span| span.seconds() * 1_000))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let alike = |(reason, operator, how, people, waiting, attempts, reached, measured, ordered): ReopenedRow| {
        let held_out = match how {
            Some(word) => Some(Origin::new("reopening", tariff.0).word::<HeldOutHow>("hold_out", &word)?),
            None => None,
        };
        Ok(ReopenedAlike { reason, operator, held_out, people, waiting, attempts, reached, measured, ordered })
    };
    rows.into_iter().map(alike).collect()
}

async fn classes(connection: &mut Connection, tariff: TariffId) -> Result<Vec<ClassOfAttempts>> {
    let rows = sqlx::query_as::<Engine, (String, String, String, i64)>(
        "-- brought: attempts by class, reason and operator
        SELECT refusal.reason, app_user.name, attempt.class, COUNT(*)
        FROM reopening
        JOIN refusal ON refusal.id = reopening.refusal_id
        JOIN attempt AS refused ON refused.id = refusal.attempt_id
        JOIN app_user ON app_user.id = refused.operator_id
        JOIN attempt ON attempt.reopening_id = reopening.id
        WHERE reopening.tariff_id = $1 AND reopening.hold_out IS NULL
        GROUP BY refusal.reason, app_user.name, attempt.class
        ORDER BY refusal.reason, app_user.name, attempt.class",
    )
    .bind(tariff.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let of_class = |(reason, operator, class, attempts)| ClassOfAttempts { reason, operator, class, attempts };
    Ok(rows.into_iter().map(of_class).collect())
}

type OrdersRow = (String, String, i64, String, Option<String>, i64);

async fn orders(connection: &mut Connection, tariff: TariffId) -> Result<Vec<OrdersAlike>> {
    let rows = sqlx::query_as::<Engine, OrdersRow>(
        "-- brought: orders that stand, by reason and operator, each with the version of its tariff that it is for
        SELECT refusal.reason, app_user.name, orders.price_minor, orders.currency, tariff_version.definition, COUNT(*)
        FROM reopening
        JOIN refusal ON refusal.id = reopening.refusal_id
        JOIN attempt AS refused ON refused.id = refusal.attempt_id
        JOIN app_user ON app_user.id = refused.operator_id
        JOIN attempt ON attempt.reopening_id = reopening.id
        JOIN orders ON orders.attempt_id = attempt.id AND orders.state <> 'cancelled'
        LEFT JOIN tariff_version ON tariff_version.tariff_id = orders.tariff_id AND tariff_version.version = orders.tariff_version
        WHERE reopening.tariff_id = $1 AND reopening.hold_out IS NULL
        GROUP BY refusal.reason, app_user.name, orders.price_minor, orders.currency, tariff_version.definition
        ORDER BY refusal.reason, app_user.name, orders.currency, orders.price_minor",
    )
    .bind(tariff.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let alike = |(reason, operator, minor, currency, definition, orders): OrdersRow| {
        let origin = Origin::new("tariff", tariff.0);
        let price = Money { minor, currency: origin.parse("currency", &currency)? };
        let offered = match definition {
            Some(definition) => Some(origin.json::<Tariff>("definition", &definition)?),
            None => None,
        };
        Ok(OrdersAlike {
            reason,
            operator,
            price,
            commitment_months: offered.as_ref().map_or(0, |offered| offered.commitment_months),
            per: offered.map(|offered| offered.per),
            orders,
        })
    };
    rows.into_iter().map(alike).collect()
}
