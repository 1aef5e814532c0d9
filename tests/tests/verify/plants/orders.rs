//! Orders that are changed by hand.

use relance_domain::ledger::Promise::P3;

use super::Plant;

const ORDER: &str = "SELECT id FROM orders";

pub(crate) const PLANTS: &[Plant] = &[
    Plant {
        what: "an order form of another attempt",
        table: "orders",
        row: ORDER,
        set: &[("attempt_id", "(SELECT MIN(attempt.id) FROM attempt WHERE attempt.class = 'busy')")],
        found: &[
            (P3, "orders", ORDER),
            (P3, "attempt", attempt!("00006")),
            (P3, "attempt", "SELECT MIN(id) AS id FROM attempt WHERE class = 'busy'"),
        ],
    },
    Plant {
        what: "an order at another price",
        table: "orders",
        row: ORDER,
        set: &[("price_minor", "100")],
        found: &[(P3, "orders", ORDER)],
    },
    Plant {
        what: "an order of another tariff",
        table: "orders",
        row: ORDER,
        set: &[("tariff_id", "(SELECT id FROM tariff WHERE tariff = 'loan-25')")],
        found: &[(P3, "orders", ORDER)],
    },
    Plant {
        what: "an order that was verified by whoever placed it",
        table: "orders",
        row: ORDER,
        set: &[("verified_by", "placed_by")],
        found: &[(P3, "orders", ORDER)],
    },
    Plant {
        what: "a change of an order that nobody made",
        table: "orders",
        row: ORDER,
        set: &[("version", "version + 1")],
        found: &[(P3, "orders", ORDER)],
    },
];
