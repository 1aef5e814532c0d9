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
        "it was not offered from and until when its price was",
        "SELECT tariff.id FROM tariff LEFT JOIN tariff_price AS offered ON offered.tariff_id = tariff.id
            AND offered.version = tariff.version
        WHERE COALESCE(tariff.published_at_ms, -1) <> COALESCE(offered.offered_from_ms, -1)
            OR (tariff.published_at_ms IS NOT NULL
                AND COALESCE(tariff.retired_at_ms, -1) <> COALESCE(offered.offered_until_ms, -1))
            OR (tariff.state = 'retired') <> (tariff.retired_at_ms IS NOT NULL)"
    ),
];
