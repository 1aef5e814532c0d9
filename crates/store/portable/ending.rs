//! Whom a tariff or a version that ends has in the queue. A publication takes them back before it answers anybody anew, and a preview
//! looks at them as if that had been done: both hold the same conditions against a reopening.

use relance_domain::CampaignId;
use relance_store::Result;
use relance_store::preview::Ends;

use crate::connect::failed;
use crate::{Connection, Engine};

/// A lead that waits in the queue, and not for a promise of another call.
macro_rules! waits {
    () => {
        "lead.state IN ('ready', 'scheduled') AND COALESCE(lead.block, '') <> 'callback'"
    };
}

/// A reopening whose refusal is left uncalled for its time: its lead never moved. True or false and never unknown, because the
/// opposite is asked too.
macro_rules! left_uncalled {
    () => {
        "reopening.taken_back_at_ms IS NULL AND COALESCE(reopening.hold_out, '') = 'uncalled'
            AND reopening.hold_out_ended_at_ms IS NULL"
    };
}

/// A reopening whose lead waits, and that nobody was called for.
macro_rules! waits_uncalled {
    () => {
        concat!(
            "reopening.taken_back_at_ms IS NULL
            AND EXISTS (SELECT 1 FROM lead WHERE lead.id = reopening.lead_id AND lead.reopening_id = reopening.id AND ",
            waits!(),
            ")
            AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.reopening_id = reopening.id
                AND (assignment.ending IS NULL OR assignment.ending <> 'returned'
                    OR EXISTS (SELECT 1 FROM late_outcome WHERE late_outcome.assignment_id = assignment.id)))"
        )
    };
}

/// A reopening of what ends. The parameters are those of [`bind_ends`]. Of both every version ends: the one that takes their place
/// is not published yet.
macro_rules! of_what_ends {
    ($itself:literal, $replaced:literal, $after:literal) => {
        concat!(
            "(reopening.tariff_id = ",
            $itself,
            " OR (reopening.tariff_id = ",
            $replaced,
            " AND reopening.id > ",
            $after,
            "))"
        )
    };
}

/// A reopening that the publication takes back.
macro_rules! goes_back {
    ($itself:literal, $replaced:literal, $after:literal) => {
        concat!(
            "(",
            of_what_ends!($itself, $replaced, $after),
            " AND ((",
            left_uncalled!(),
            ") OR (",
            waits_uncalled!(),
            ")))"
        )
    };
}

/// Rows for a statement's beginning, made once for all: `ending`, the reopenings that are taken back, with the lead of each that stands
/// refused again by it; and `staying`, refusals that the tariff itself has put back for good, so that it does not answer them again.
macro_rules! ending {
    ($itself:literal, $replaced:literal, $after:literal) => {
        concat!(
            "ending AS MATERIALIZED (
                SELECT reopening.id AS reopening_id, reopening.lead_id FROM reopening WHERE ",
            of_what_ends!($itself, $replaced, $after),
            " AND ",
            waits_uncalled!(),
            " UNION ALL SELECT reopening.id, CAST(NULL AS BIGINT) FROM reopening WHERE ",
            of_what_ends!($itself, $replaced, $after),
            " AND ",
            left_uncalled!(),
            "), staying AS MATERIALIZED (
                SELECT reopening.refusal_id FROM reopening LEFT JOIN ending ON ending.reopening_id = reopening.id
                WHERE reopening.tariff_id = ",
            $itself,
            " AND reopening.taken_back_at_ms IS NULL AND ending.reopening_id IS NULL)"
        )
    };
}

/// A lead that stands refused, or does so again as soon as the publication has taken back what it ends; and not one by whose refusal
/// the tariff itself has put it back for good.
macro_rules! will_stand_refused {
    ($itself:literal, $replaced:literal, $after:literal) => {
        concat!(
            "((lead.state = 'closed' AND lead.closed_reason = 'refused') OR EXISTS (
                SELECT 1 FROM reopening WHERE reopening.id = lead.reopening_id AND reopening.lead_id = lead.id AND ",
            of_what_ends!($itself, $replaced, $after),
            " AND ",
            waits_uncalled!(),
            "))
                AND NOT EXISTS (
                SELECT 1 FROM reopening WHERE reopening.tariff_id = ",
            $itself,
            " AND reopening.refusal_id = refusal.id AND reopening.taken_back_at_ms IS NULL AND NOT ",
            goes_back!($itself, $replaced, $after),
            ")"
        )
    };
}

/// Binds what ends: the tariff itself, the one that it replaces, and how far that one's were looked at already. No key is 0.
macro_rules! bind_ends {
    ($query:expr, $ends:expr) => {{
        let ends: &Ends = $ends;
        let (replaced, after) = ends.replaced.map_or((0, 0), |(tariff, after)| (tariff.0, after.0));
        $query.bind(ends.older_versions.map_or(0, |tariff| tariff.0)).bind(replaced).bind(after)
    }};
}

pub(super) use {bind_ends, ending, goes_back, left_uncalled, of_what_ends, waits, waits_uncalled, will_stand_refused};

/// Leads that a publication takes back, counted by campaign.
pub(super) async fn leads(connection: &mut Connection, ends: &Ends) -> Result<Vec<(CampaignId, i64)>> {
    if ends.is_nothing() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as::<Engine, (i64, i64)>(concat!(
        "-- preview: leads that what ends has in the queue
        SELECT reopening.campaign_id, COUNT(*) FROM reopening WHERE ",
        of_what_ends!("$1", "$2", "$3"),
        " AND ",
        waits_uncalled!(),
        " GROUP BY reopening.campaign_id ORDER BY reopening.campaign_id"
    ))
    .persistent(false);
    let counts = bind_ends!(query, ends).fetch_all(connection).await.map_err(failed)?;
    Ok(counts.into_iter().map(|(campaign, leads)| (CampaignId(campaign), leads)).collect())
}
