//! The other account of what happened: kept beside the engine from what was answered and what stands in the ledger, and held against
//! the promises after every step.

use std::collections::{BTreeMap, BTreeSet};

use super::almanac::{Edition, Limits};
use super::facts::{self, AttemptRow, HandOutRow, PromiseRow};
use crate::World;

/// A promise that was broken.
#[derive(Debug, Clone)]
pub(super) struct Violation {
    pub(super) promise: &'static str,
    pub(super) detail: String,
}

/// Whether promises are kept.
pub(super) type Verdict<T = ()> = Result<T, Violation>;

pub(super) fn broken<T>(promise: &'static str, detail: impl Into<String>) -> Verdict<T> {
    Err(Violation { promise, detail: detail.into() })
}

/// Holds that something is so.
pub(super) fn hold(is_so: bool, promise: &'static str, detail: impl FnOnce() -> String) -> Verdict {
    if is_so { Ok(()) } else { broken(promise, detail()) }
}

/// What a step was about: nothing else may have happened in it.
#[derive(Debug, Default)]
pub(super) struct Deed {
    /// Operators who asked for a lead, or to whom a supervisor handed one.
    pub(super) asked: BTreeSet<i64>,
    /// Assignments whose outcome was reported by whoever holds them.
    pub(super) reported: BTreeSet<i64>,
    pub(super) handed_back: BTreeSet<i64>,
    pub(super) taken: BTreeSet<i64>,
    /// Somebody objected or was suppressed: what is open of theirs is taken back.
    pub(super) objected: bool,
    /// A round of the loops was made.
    pub(super) loops: bool,
    /// What the clocks of the nodes showed meanwhile.
    pub(super) from: i64,
    pub(super) to: i64,
}

/// A number that must not be called, for whom.
#[derive(Debug, Clone)]
pub(super) struct Suppressed {
    pub(super) phone: String,
    pub(super) seller: Option<String>,
    pub(super) campaign: Option<i64>,
}

/// The account.
#[derive(Default)]
pub(super) struct Oracle {
    pub(super) hand_outs: BTreeMap<i64, HandOutRow>,
    /// By assignment.
    pub(super) attempts: BTreeMap<i64, AttemptRow>,
    /// Assignments of which a late outcome is kept.
    pub(super) late: BTreeSet<i64>,
    pub(super) promises: BTreeMap<i64, PromiseRow>,
    pub(super) suppressed: Vec<Suppressed>,
    /// The numbers of the register's present file.
    pub(super) registered: BTreeSet<String>,
    /// By campaign and version.
    pub(super) limits: BTreeMap<(i64, i64), Limits>,
    pub(super) running: BTreeSet<i64>,
    /// Versions of the sets of rules in use.
    pub(super) editions: BTreeMap<String, Edition>,
    last_attempt: i64,
    last_reopening: i64,
    last_merge: i64,
}

impl Oracle {
    /// The assignment that an operator has open.
    pub(super) fn open_of(&self, operator: i64) -> Option<&HandOutRow> {
        self.hand_outs.values().find(|row| row.operator == operator && row.ended_at.is_none())
    }

    /// Looks at what a step has changed.
    pub(super) async fn look(&mut self, world: &World, deed: &Deed) -> Verdict {
        self.follow_merges(world).await;
        let open: Vec<i64> = self.hand_outs.values().filter(|row| row.ended_at.is_none()).map(|row| row.id).collect();
        let last = self.hand_outs.last_key_value().map_or(0, |(id, _)| *id);
        let rows = facts::hand_outs(world, last, &open).await;
        let (known, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.id <= last);
        hold(known.len() == open.len(), "P3: an assignment stays on record", || format!("open: {open:?}"))?;
        for row in known {
            self.went_on(row, deed)?;
        }
        for row in new {
            self.judge(world, &row, deed).await?;
            self.hand_outs.insert(row.id, row);
        }
        self.note_attempts(world, deed).await?;
        self.note_late(world).await;
        self.note_promises(world).await?;
        self.note_reopenings(world).await
    }

    /// Clients who became one are one for the account too.
    async fn follow_merges(&mut self, world: &World) {
        let rest = format!("FROM client_merge WHERE id > {} ORDER BY id", self.last_merge);
        for row in facts::rows(world, &["id", "merged_client_id", "kept_client_id"], &rest).await {
            let (merged, kept): (i64, i64) = (row.get(1), row.get(2));
            self.last_merge = row.get(0);
            self.hand_outs.values_mut().filter(|row| row.client == merged).for_each(|row| row.client = kept);
            self.attempts.values_mut().filter(|row| row.client == merged).for_each(|row| row.client = kept);
            for row in facts::rows(world, &["id", "lead_id"], "FROM assignment").await {
                if let Some(known) = self.hand_outs.get_mut(&row.get(0)) {
                    known.lead = row.get(1);
                }
            }
        }
    }

    /// What became of an assignment that was open.
    fn went_on(&mut self, row: HandOutRow, deed: &Deed) -> Verdict {
        let id = row.id;
        let known = &self.hand_outs[&id];
        let lease = self.limits.get(&(row.campaign, row.version)).map_or(0, |limits| limits.lease_minutes * 60_000);
        hold(
            row.lease_until >= known.lease_until && row.lease_until <= row.handed_at + 4 * lease,
            "P3: a lease is never shortened, and four leases at most",
            || format!("{known:?} became {row:?}"),
        )?;
        hold(
            (&row.token, row.operator, row.handed_at) == (&known.token, known.operator, known.handed_at),
            "P3: an assignment stays as it was made",
            || format!("{known:?} became {row:?}"),
        )?;
        let (Some(at), Some(ending)) = (row.ended_at, row.ending.as_deref()) else {
            self.hand_outs.insert(id, row);
            return Ok(());
        };
        let (is_justified, promise) = match ending {
            "outcome" => (deed.reported.contains(&id), "P3: an outcome is what the holder reported"),
            "expired" => (deed.loops && row.lease_until <= at, "P3: a lease is kept until it ends"),
            "returned" => (deed.handed_back.contains(&id), "P3: a lead is handed back by its holder"),
            _ => (deed.objected || deed.taken.contains(&id), "P3: a lead is taken by somebody"),
        };
        hold(is_justified, promise, || {
            format!("assignment {id} ended as {ending} at {at}, its lease at {}", row.lease_until)
        })?;
        hold((deed.from..=deed.to).contains(&at), "P3: an assignment ends when it does", || {
            format!("assignment {id} ended at {at}, not within {}..={}", deed.from, deed.to)
        })?;
        self.hand_outs.insert(id, row);
        Ok(())
    }

    async fn note_attempts(&mut self, world: &World, deed: &Deed) -> Verdict {
        for row in facts::attempts(world, self.last_attempt).await {
            self.last_attempt = row.id;
            hold(deed.reported.contains(&row.assignment), "P3: an attempt is what the holder reported", || {
                format!("{row:?} was reported by nobody")
            })?;
            if row.counts_as == "objection" {
                self.object(world, row.client, &row.seller).await;
            }
            let earlier = self.attempts.insert(row.assignment, row);
            hold(earlier.is_none(), "P3: an outcome is recorded once", || format!("recorded before: {earlier:?}"))?;
        }
        let counted = world.number("SELECT COUNT(*) FROM attempt").await;
        let known = i64::try_from(self.attempts.len()).unwrap_or(i64::MAX);
        hold(counted == known, "P3: an outcome is never lost", || format!("{counted} attempts of {known}"))
    }

    async fn note_late(&mut self, world: &World) {
        for assignment in world.numbers("SELECT assignment_id FROM late_outcome").await {
            self.late.insert(assignment);
        }
    }

    /// "Do not call me again", to a seller.
    pub(super) async fn object(&mut self, world: &World, client: i64, seller: &str) {
        for phone in facts::phones(world, client).await {
            self.suppressed.push(Suppressed { phone, seller: Some(seller.to_owned()), campaign: None });
        }
    }

    /// Whether a number of somebody must not be called by a campaign of a seller.
    pub(super) async fn is_suppressed(&self, world: &World, client: i64, seller: &str, campaign: i64) -> bool {
        let phones = facts::phones(world, client).await;
        let stands = |one: &&Suppressed| {
            one.seller.as_deref().is_none_or(|of| of == seller) && one.campaign.is_none_or(|of| of == campaign)
        };
        phones.iter().any(|phone| self.registered.contains(phone))
            || self.suppressed.iter().filter(stands).any(|one| phones.contains(&one.phone))
    }

    /// Promises are made by attempts, and end as kept by a later call or as dropped with a reason.
    async fn note_promises(&mut self, world: &World) -> Verdict {
        const LOST: &str = "P6: a promise is never lost";
        let now: BTreeMap<i64, PromiseRow> =
            facts::promises(world).await.into_iter().map(|row| (row.id, row)).collect();
        for (id, before) in &self.promises {
            let Some(row) = now.get(id) else { return broken(LOST, format!("{before:?} is gone")) };
            hold(row.due_at == before.due_at, LOST, || format!("{before:?} became {row:?}"))?;
            hold(before.state == "open" || row.state == before.state, LOST, || format!("{before:?} became {row:?}"))?;
            if before.state == "open" && row.state == "dropped" {
                hold(may_be_dropped(world, row.lead).await, LOST, || format!("{row:?} was dropped without a reason"))?;
            }
            if before.state == "open" && row.state == "kept" {
                let is_later = |attempt: &AttemptRow| {
                    attempt.id > row.attempt
                        && self.hand_outs.get(&attempt.assignment).is_some_and(|made| made.lead == row.lead)
                };
                hold(self.attempts.values().any(is_later), LOST, || format!("{row:?} was kept by no call"))?;
            }
        }
        self.promises = now;
        Ok(())
    }

    /// A tariff reopens what it answers, and nobody who must not be called.
    async fn note_reopenings(&mut self, world: &World) -> Verdict {
        let columns = [
            "reopening.id",
            "tariff.tariff",
            "refusal.reason",
            "refusal.price_ceiling_minor",
            "refusal.offered_price_minor",
            "lead.client_id",
            "campaign.seller",
            "campaign.id",
            "refusal.id",
        ];
        let rest = format!(
            "FROM reopening JOIN tariff ON tariff.id = reopening.tariff_id JOIN refusal ON refusal.id = reopening.refusal_id
            JOIN lead ON lead.id = reopening.lead_id JOIN campaign ON campaign.id = reopening.campaign_id
            WHERE reopening.id > {} ORDER BY reopening.id",
            self.last_reopening
        );
        for row in facts::rows(world, &columns, &rest).await {
            self.last_reopening = row.get(0);
            let price: i64 = row.text(1).rsplit('-').next().and_then(|price| price.parse().ok()).unwrap_or(i64::MAX);
            let answers = match row.text(2) {
                "price" => row.some::<i64>(3).is_some_and(|ceiling| price <= ceiling),
                "dearer" => row.some::<i64>(4).is_some_and(|offered| price < offered),
                _ => false,
            };
            let told = || format!("tariff {} reopened refusal {} ({})", row.text(1), row.text(8), row.text(2));
            hold(answers, "P7: a tariff reopens what it answers", told)?;
            let suppressed = self.is_suppressed_by_name(world, row.get(5), row.text(6), row.get(7)).await;
            hold(!suppressed, "P7: a tariff never brings back who must not be called", told)?;
        }
        Ok(())
    }

    /// The same without registers, which are asked at the hand-out.
    async fn is_suppressed_by_name(&self, world: &World, client: i64, seller: &str, campaign: i64) -> bool {
        let phones = facts::phones(world, client).await;
        self.suppressed.iter().any(|one| {
            one.seller.as_deref().is_none_or(|of| of == seller)
                && one.campaign.is_none_or(|of| of == campaign)
                && phones.contains(&one.phone)
        })
    }
}

/// A promise is dropped with its person, where every number of theirs is somebody else's, or where another one stands for it.
async fn may_be_dropped(world: &World, lead: i64) -> bool {
    let reasons = format!(
        "FROM lead JOIN client ON client.id = lead.client_id WHERE lead.id = {lead} AND (
            client.erased_at_ms IS NOT NULL OR (lead.state = 'closed' AND lead.closed_reason IN ('suppressed', 'expired'))
            OR (lead.closed_reason = 'wrong_number' AND client.phone_wrong_at_ms IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM client_phone WHERE client_phone.client_id = client.id AND client_phone.wrong_at_ms IS NULL))
            OR EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id))"
    );
    !facts::rows(world, &["lead.id"], &reasons).await.is_empty()
}
