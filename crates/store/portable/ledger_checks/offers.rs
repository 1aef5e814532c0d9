//! What was offered at which price and when, and the orders that came of it.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!(
        P3,
        "orders",
        "orders, each against the report that brought it",
        "its tariff is not the one that was reported",
        "SELECT orders.id FROM orders
        JOIN attempt ON attempt.id = orders.attempt_id
        JOIN assignment ON assignment.id = attempt.assignment_id
        JOIN tariff ON tariff.id = orders.tariff_id
        WHERE assignment.report <> '{}'
            AND REPLACE(assignment.report, '\"order\":{\"tariff\":\"' || tariff.tariff || '\"', '') = assignment.report"
    ),
    check!(
        P3,
        "orders",
        "orders, each against what its tariff cost",
        "its price is not what the version of its tariff cost",
        "SELECT orders.id FROM orders JOIN tariff_price ON tariff_price.tariff_id = orders.tariff_id
            AND tariff_price.version = orders.tariff_version AND tariff_price.currency = orders.currency
        WHERE tariff_price.price_minor <> orders.price_minor"
    ),
    check!(
        P3,
        "orders",
        "orders, each against its history",
        "a change of it is not on record, or one that was not made",
        "SELECT orders.id FROM orders WHERE orders.version <> (
            SELECT COUNT(DISTINCT version) FROM order_change WHERE order_change.order_id = orders.id)"
    ),
    check!(
        P3,
        "orders",
        "orders, those verified by a second person",
        "whoever verified it had placed it or corrected it last",
        "SELECT id FROM orders WHERE verified_by IN (placed_by, corrected_by)"
    ),
    check!(
        P7,
        "tariff",
        "tariffs, each against the times at which it was offered",
        "it is not offered from and until when its prices are",
        "SELECT tariff.id FROM tariff LEFT JOIN (
            SELECT tariff_id, MAX(offered_from_ms) AS from_ms, MAX(COALESCE(offered_until_ms, 9223372036854775807)) AS until_ms
            FROM tariff_price GROUP BY tariff_id) AS offered ON offered.tariff_id = tariff.id
        WHERE COALESCE(tariff.published_at_ms, -1) <> COALESCE(offered.from_ms, -1)
            OR (tariff.published_at_ms IS NOT NULL
                AND COALESCE(tariff.retired_at_ms, 9223372036854775807) <> offered.until_ms)
            OR (tariff.state = 'retired') <> (tariff.retired_at_ms IS NOT NULL)"
    ),
];
