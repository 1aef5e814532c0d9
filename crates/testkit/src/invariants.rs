//! What holds in every database at every moment, whatever happened before: what `relance verify` finds, and what no promise speaks of,
//! checked with SQL, past the store.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use relance_scheduler::{Engine, Error, Verification};
use relance_store::StoreError;
use tokio::sync::watch;

use crate::World;
use crate::chance::CountingChance;
use crate::keys::suppression_keys;

/// No story rotates further than to this version.
const KEYS_MAX: u8 = 4;

/// Each invariant that is no promise, in words, and a portable query for the keys of the rows that break it.
pub const INVARIANTS: &[(&str, &str)] = &[
    (
        "who was called for a reopening is not taken back",
        "SELECT reopening.id FROM reopening JOIN attempt ON attempt.reopening_id = reopening.id
        WHERE reopening.taken_back_at_ms IS NOT NULL",
    ),
    (
        "a tariff has one price at a time",
        "SELECT tariff_id FROM tariff_price WHERE offered_until_ms IS NULL GROUP BY tariff_id HAVING COUNT(*) > 1",
    ),
    (
        "every order has a number of its own and what happened to it written down, version by version",
        "SELECT orders.id FROM orders WHERE orders.number IS NULL OR orders.version <> (
            SELECT COUNT(DISTINCT order_change.version) FROM order_change WHERE order_change.order_id = orders.id)
            OR orders.version <> (SELECT MAX(order_change.version) FROM order_change WHERE order_change.order_id = orders.id)",
    ),
    (
        "nobody verifies an order that they placed",
        "SELECT id FROM orders WHERE verified_at_ms IS NOT NULL AND verified_by = placed_by",
    ),
    (
        "what was typed into a form goes with the outcome",
        "SELECT order_draft.assignment_id FROM order_draft JOIN assignment ON assignment.id = order_draft.assignment_id
        WHERE assignment.ending = 'outcome'",
    ),
    (
        "the latest refusals say what their leads, refusals and clients say",
        "SELECT lead_id FROM (SELECT * FROM latest_refusal EXCEPT SELECT * FROM lead_latest_refusal) AS extra
        UNION ALL
        SELECT lead_id FROM (SELECT * FROM lead_latest_refusal EXCEPT SELECT * FROM latest_refusal) AS missing",
    ),
    (
        "no number that must not be called stands in clear",
        "SELECT id FROM suppression WHERE clear_phone IS NOT NULL OR phone_hash IS NULL
            OR COALESCE(key_version, 0) NOT IN (SELECT version FROM suppression_key)",
    ),
    (
        "an erased client has nothing personal left",
        "SELECT id FROM client WHERE erased_at_ms IS NOT NULL AND (phone <> 'erased-' || id
            OR COALESCE(extension, reference, first_name, last_name, street, city, postcode, region) IS NOT NULL)
        UNION ALL
        SELECT client.id FROM client JOIN client_phone ON client_phone.client_id = client.id WHERE erased_at_ms IS NOT NULL
        UNION ALL
        SELECT client.id FROM client JOIN client_change ON client_change.client_id = client.id
        WHERE erased_at_ms IS NOT NULL
        UNION ALL
        SELECT client.id FROM client JOIN lead ON lead.client_id = client.id WHERE erased_at_ms IS NOT NULL
            AND (lead.facts <> '{}' OR lead.attributes <> '{}' OR lead.consent_wording IS NOT NULL)
        UNION ALL
        SELECT client.id FROM client JOIN attempt ON attempt.client_id = client.id
        LEFT JOIN refusal ON refusal.attempt_id = attempt.id LEFT JOIN orders ON orders.attempt_id = attempt.id
        WHERE erased_at_ms IS NOT NULL AND (COALESCE(attempt.note, refusal.competitor, refusal.contract_end) IS NOT NULL
            OR COALESCE(orders.fields, '{}') <> '{}' OR COALESCE(orders.appointment, orders.account, orders.cancel_note) IS NOT NULL)
        UNION ALL
        SELECT client.id FROM client JOIN orders ON orders.client_id = client.id
        JOIN order_change ON order_change.order_id = orders.id
        WHERE erased_at_ms IS NOT NULL AND COALESCE(order_change.value_before, order_change.value_after, order_change.why) IS NOT NULL
        UNION ALL
        SELECT client.id FROM client JOIN orders ON orders.client_id = client.id
        JOIN webhook_message ON webhook_message.order_id = orders.id
        WHERE erased_at_ms IS NOT NULL AND (webhook_message.payload <> '' OR webhook_message.state = 'waiting')
        UNION ALL
        SELECT client.id FROM client JOIN assignment ON assignment.client_id = client.id
        JOIN order_draft ON order_draft.assignment_id = assignment.id WHERE erased_at_ms IS NOT NULL
        UNION ALL
        SELECT client.id FROM client JOIN assignment ON assignment.client_id = client.id
        LEFT JOIN late_outcome ON late_outcome.assignment_id = assignment.id
        WHERE erased_at_ms IS NOT NULL
            AND (COALESCE(assignment.report, '{}') <> '{}' OR COALESCE(late_outcome.report, '{}') <> '{}')
        UNION ALL
        SELECT client.id FROM client JOIN lead ON lead.client_id = client.id JOIN callback ON callback.lead_id = lead.id
        WHERE erased_at_ms IS NOT NULL AND callback.note IS NOT NULL",
    ),
    (
        "an erasure is written down",
        "SELECT client.id FROM client LEFT JOIN erasure ON erasure.client_id = client.id
        WHERE COALESCE(client.erased_at_ms, 0) <> COALESCE(erasure.erased_at_ms, 0)",
    ),
];

impl World {
    /// What is broken: the promise or invariant, with the row.
    pub async fn broken_invariants(&self) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        for (invariant, query) in INVARIANTS {
            broken.extend(self.numbers(query).await.iter().map(|row| (*invariant, format!("row {row}"))));
        }
        if self.made_up.load(Ordering::Relaxed) {
            return broken;
        }
        let violations = self.verify().await.violations.into_iter();
        broken
            .extend(violations.map(|one| (one.promise.in_words(), format!("{} {}: {}", one.table, one.row, one.what))));
        broken
    }

    /// Holds every promise and invariant.
    ///
    /// # Panics
    ///
    /// Where one is broken, with the rows that break it.
    pub async fn hold_invariants(&self) {
        let broken = self.broken_invariants().await;
        assert!(broken.is_empty(), "broken: {broken:#?}");
    }

    /// Verifies the ledger.
    ///
    /// # Panics
    ///
    /// Where it cannot be read.
    pub async fn verify(&self) -> Verification {
        match self.engine.verify(&watch::Sender::default()).await {
            // The story has rotated keys that its engine lacks.
            Err(Error::Store(StoreError::WrongKey(_))) => {
                let engine = self.verifier.get_or_init(|| self.node_of_all_keys()).await;
                engine.verify(&watch::Sender::default()).await.expect("the ledger can be read")
            }
            found => found.expect("the ledger can be read"),
        }
    }

    /// A node that has every key that any story rotates to.
    async fn node_of_all_keys(&self) -> Engine {
        let store = self.node_with(suppression_keys(KEYS_MAX)).await;
        Engine::new(store, Arc::new(self.clock.clone()), Arc::new(CountingChance::default()))
    }
}
