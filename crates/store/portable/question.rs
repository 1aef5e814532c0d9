//! Questions over what happened, each query beside its definition in `relance_store::question`.

use jiff::Timestamp;
use relance_domain::definition::Features;
use relance_domain::lead::LeadState;
use relance_domain::phone::mask;
use relance_domain::{AssignmentId, AttemptId, CampaignId, ClientId, LaneId, LeadId, ListId};
use relance_store::Result;
use relance_store::question::{
    About, FunnelCount, LeadInQuestion, ListQuality, OutcomeFilter, OutcomeRow, ReasonCount, ReopeningYield,
    ReportNumbers,
};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct CountRow {
    lane_id: i64,
    state: String,
    block: String,
    closed_reason: String,
    leads: i64,
    first_ms: Option<i64>,
    first_waiting_ms: Option<i64>,
    due: i64,
}

/// The counts are kept as leads move, so that nothing is counted here but those who wait and whose time has come.
pub(super) async fn funnel(
    connection: &mut Connection,
    campaign: CampaignId,
    now: Timestamp,
) -> Result<Vec<FunnelCount>> {
    let rows = sqlx::query_as::<Engine, CountRow>(
        "-- funnel: leads that stand alike, and when the first of those who wait may be called
        SELECT stand.lane_id, stand.state, stand.block, stand.closed_reason, stand.leads,
            (SELECT MIN(due_at_ms) FROM lead WHERE lead.lane_id = stand.lane_id AND lead.state = 'scheduled'
                AND lead.block = stand.block) AS first_ms,
            (SELECT MIN(due_at_ms) FROM lead WHERE lead.lane_id = stand.lane_id AND lead.state = 'scheduled'
                AND lead.block = stand.block AND lead.due_at_ms > $2) AS first_waiting_ms,
            (SELECT COUNT(*) FROM lead WHERE lead.lane_id = stand.lane_id AND lead.state = 'scheduled'
                AND lead.block = stand.block AND lead.due_at_ms <= $2) AS due
        FROM (
            SELECT lane_id, state, block, closed_reason, CAST(SUM(leads) AS BIGINT) AS leads FROM (
                SELECT lane_id, state, block, closed_reason, leads FROM lead_count
                UNION ALL SELECT lane_id, state, block, closed_reason, leads FROM lead_count_change) AS counted
            GROUP BY lane_id, state, block, closed_reason) AS stand
        JOIN lane ON lane.id = stand.lane_id AND lane.campaign_id = $1
        JOIN list ON list.id = lane.list_id AND list.state <> 'staging'
        WHERE stand.leads <> 0",
    )
    .bind(campaign.0)
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let counts: Vec<[Option<FunnelCount>; 2]> = rows.into_iter().map(CountRow::into_counts).collect::<Result<_>>()?;
    Ok(counts.into_iter().flatten().flatten().filter(|count| count.leads > 0).collect())
}

impl CountRow {
    /// Those who wait apart from those whose time has come, whom the loop has not made ready yet.
    fn into_counts(self) -> Result<[Option<FunnelCount>; 2]> {
        let origin = Origin::new("lead_count", self.lane_id);
        let texts = [&self.block, &self.closed_reason].map(|text| Some(text.as_str()).filter(|text| !text.is_empty()));
        let lane = LaneId(self.lane_id);
        let count = |due_at_ms, leads| -> Result<Option<FunnelCount>> {
            let state = origin.lead_state(&self.state, due_at_ms, texts[0], texts[1])?;
            Ok(Some(FunnelCount { state, lane, leads }))
        };
        match self.state.as_str() {
            "scheduled" => {
                // Where nobody waits the count is nothing, whatever the time.
                let waiting = count(self.first_waiting_ms.unwrap_or_default(), self.leads - self.due)?;
                Ok([waiting, count(self.first_ms.unwrap_or_default(), self.due)?])
            }
            _ => Ok([count(0, self.leads)?, None]),
        }
    }
}

#[derive(sqlx::FromRow)]
struct OutcomeColumns {
    id: i64,
    recorded_at_ms: i64,
    campaign: String,
    list_id: i64,
    list_name: String,
    operator: String,
    lead_id: i64,
    disposition: String,
    class: String,
    reason: Option<String>,
    price_ceiling_minor: Option<i64>,
    max_months: Option<i64>,
    wanted_features: Option<String>,
    coverage: Option<String>,
    competitor: Option<String>,
    competitor_price_minor: Option<i64>,
    contract_end: Option<String>,
    call_after: Option<String>,
    tariff_offered: Option<String>,
    offered_price_minor: Option<i64>,
    tariff_ordered: Option<String>,
    order_price_minor: Option<i64>,
    reopened_by: Option<String>,
    currency: Option<String>,
    duration_s: Option<i64>,
    note: Option<String>,
}

impl OutcomeColumns {
    fn into_row(self) -> Result<OutcomeRow> {
        let origin = Origin::new("attempt", self.id);
        let wanted_features = match &self.wanted_features {
            Some(wanted) => origin.json("wanted_features", wanted)?,
            None => Features::new(),
        };
        Ok(OutcomeRow {
            attempt: AttemptId(self.id),
            recorded_at: origin.instant("recorded_at_ms", self.recorded_at_ms)?,
            campaign: self.campaign,
            list: ListId(self.list_id),
            list_name: self.list_name,
            operator: self.operator,
            lead: LeadId(self.lead_id),
            disposition: self.disposition,
            class: self.class,
            reason: self.reason,
            price_ceiling_minor: self.price_ceiling_minor,
            max_months: self.max_months,
            wanted_features,
            coverage: self.coverage,
            competitor: self.competitor,
            competitor_price_minor: self.competitor_price_minor,
            contract_end: origin.parse_some("contract_end", self.contract_end.as_deref())?,
            call_after: origin.parse_some("call_after", self.call_after.as_deref())?,
            tariff_offered: self.tariff_offered,
            offered_price_minor: self.offered_price_minor,
            tariff_ordered: self.tariff_ordered,
            order_price_minor: self.order_price_minor,
            reopened_by: self.reopened_by,
            currency: self.currency,
            duration_s: self.duration_s,
            note: self.note,
        })
    }
}

pub(super) async fn outcomes(connection: &mut Connection, filter: &OutcomeFilter) -> Result<Vec<OutcomeRow>> {
    sqlx::query_as::<Engine, OutcomeColumns>(
        "-- outcomes: a page
        SELECT attempt.id, attempt.recorded_at_ms, campaign.campaign, attempt.list_id, list.name AS list_name,
            app_user.name AS operator, attempt.lead_id, attempt.disposition, attempt.class, refusal.reason,
            refusal.price_ceiling_minor, refusal.max_months, refusal.wanted_features, refusal.coverage, refusal.competitor,
            refusal.competitor_price_minor, refusal.contract_end, refusal.call_after, refusal.tariff_offered,
            refusal.offered_price_minor, ordered.tariff AS tariff_ordered,
            orders.price_minor AS order_price_minor, reopener.tariff AS reopened_by,
            COALESCE(orders.currency, refusal.currency) AS currency, attempt.duration_s, attempt.note
        FROM attempt
        JOIN campaign ON campaign.id = attempt.campaign_id
        JOIN list ON list.id = attempt.list_id
        JOIN app_user ON app_user.id = attempt.operator_id
        LEFT JOIN refusal ON refusal.attempt_id = attempt.id
        LEFT JOIN orders ON orders.attempt_id = attempt.id
        LEFT JOIN tariff AS ordered ON ordered.id = orders.tariff_id
        LEFT JOIN reopening ON reopening.id = attempt.reopening_id
        LEFT JOIN tariff AS reopener ON reopener.id = reopening.tariff_id
        WHERE attempt.id > $1
            AND ($2 IS NULL OR attempt.campaign_id = $2)
            AND ($3 IS NULL OR attempt.list_id = $3)
            AND ($4 IS NULL OR app_user.name = $4)
            AND ($5 IS NULL OR attempt.disposition = $5)
            AND ($6 IS NULL OR refusal.reason = $6)
            AND ($7 IS NULL OR refusal.tariff_offered = $7 OR ordered.tariff = $7 OR reopener.tariff = $7)
            AND ($8 IS NULL OR attempt.recorded_at_ms >= $8)
            AND ($9 IS NULL OR attempt.recorded_at_ms < $9)
        ORDER BY attempt.id LIMIT $10",
    )
    .bind(filter.after.map_or(0, |attempt| attempt.0))
    .bind(filter.campaign.map(|campaign| campaign.0))
    .bind(filter.list.map(|list| list.0))
    .bind(&filter.operator)
    .bind(&filter.disposition)
    .bind(&filter.reason)
    .bind(&filter.tariff)
    .bind(filter.since.map(|at| at.as_millisecond()))
    .bind(filter.until.map(|at| at.as_millisecond()))
    .bind(filter.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(OutcomeColumns::into_row)
    .collect()
}

pub(super) async fn report(connection: &mut Connection, campaign: CampaignId) -> Result<ReportNumbers> {
    Ok(ReportNumbers {
        funnel: report_funnel(&mut *connection, campaign).await?,
        reasons: reasons(&mut *connection, campaign).await?,
        lists: list_quality(&mut *connection, campaign).await?,
        reopenings: reopenings(connection, campaign).await?,
    })
}

/// As `FUNNEL` says.
async fn report_funnel(connection: &mut Connection, campaign: CampaignId) -> Result<[i64; 6]> {
    let (loaded, callable): (i64, i64) = sqlx::query_as::<Engine, (i64, i64)>(
        "-- report: leads loaded and callable
        SELECT COUNT(*), COUNT(*) FILTER (WHERE lead.state <> 'closed' AND lane.time_zone <> '')
        FROM lead JOIN lane ON lane.id = lead.lane_id WHERE lead.campaign_id = $1
            AND lead.list_id NOT IN (SELECT id FROM list WHERE campaign_id = $1 AND state = 'staging')",
    )
    .bind(campaign.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let (attempted, reached, decided, ordered) = sqlx::query_as::<Engine, (i64, i64, i64, i64)>(
        "-- report: leads attempted, reached, decided, ordered
        SELECT COUNT(DISTINCT lead_id),
            COUNT(DISTINCT CASE WHEN class NOT IN ('no_answer', 'busy', 'machine', 'unreachable') THEN lead_id END),
            COUNT(DISTINCT CASE WHEN class IN ('order', 'refusal', 'do_not_call') THEN lead_id END),
            COUNT(DISTINCT CASE WHEN class = 'order' THEN lead_id END)
        FROM attempt WHERE campaign_id = $1",
    )
    .bind(campaign.0)
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok([loaded, callable, attempted, reached, decided, ordered])
}

/// As `REASONS` says.
async fn reasons(connection: &mut Connection, campaign: CampaignId) -> Result<Vec<ReasonCount>> {
    let rows = sqlx::query_as::<Engine, (String, i64, Option<i64>)>(
        "-- report: refusals by reason, with the lower middle of their ceilings
        WITH ranked AS (
            SELECT reason, price_ceiling_minor,
                ROW_NUMBER() OVER (PARTITION BY reason ORDER BY price_ceiling_minor) AS place,
                COUNT(*) OVER (PARTITION BY reason) AS ceilings
            FROM refusal WHERE campaign_id = $1 AND price_ceiling_minor IS NOT NULL)
        SELECT refusal.reason, COUNT(*),
            (SELECT ranked.price_ceiling_minor FROM ranked
             WHERE ranked.reason = refusal.reason AND ranked.place = (ranked.ceilings + 1) / 2)
        FROM refusal WHERE campaign_id = $1 GROUP BY refusal.reason ORDER BY COUNT(*) DESC, refusal.reason",
    )
    .bind(campaign.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let count =
        |(reason, refusals, median_price_ceiling_minor)| ReasonCount { reason, refusals, median_price_ceiling_minor };
    Ok(rows.into_iter().map(count).collect())
}

type QualityColumns = (String, i64, i64, i64, i64, i64, i64, i64, i64);

/// As `LIST_QUALITY` says.
async fn list_quality(connection: &mut Connection, campaign: CampaignId) -> Result<Vec<ListQuality>> {
    let rows = sqlx::query_as::<Engine, QualityColumns>(
        "-- report: what the lists of each vendor are worth
        WITH worked AS (
            SELECT list_id, COUNT(DISTINCT lead_id) AS attempted,
                COUNT(DISTINCT CASE WHEN class NOT IN ('no_answer', 'busy', 'machine', 'unreachable') THEN lead_id END) AS reached,
                COUNT(DISTINCT CASE WHEN class = 'order' THEN lead_id END) AS ordered
            FROM attempt WHERE campaign_id = $1 GROUP BY list_id)
        SELECT COALESCE(list.vendor, list.source), COUNT(*), CAST(SUM(list.rows_read) AS BIGINT),
            CAST(SUM(list.rejected) AS BIGINT), CAST(SUM(list.duplicates_in_file + list.duplicates_in_campaign) AS BIGINT),
            CAST(SUM(list.new_leads) AS BIGINT), CAST(COALESCE(SUM(worked.attempted), 0) AS BIGINT),
            CAST(COALESCE(SUM(worked.reached), 0) AS BIGINT), CAST(COALESCE(SUM(worked.ordered), 0) AS BIGINT)
        FROM list LEFT JOIN worked ON worked.list_id = list.id
        WHERE list.campaign_id = $1 AND list.state = 'loaded'
        GROUP BY COALESCE(list.vendor, list.source) ORDER BY COALESCE(list.vendor, list.source)",
    )
    .bind(campaign.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let quality = |(vendor, lists, rows_read, rejected, duplicates, leads, attempted, reached, ordered)| ListQuality {
        vendor,
        lists,
        rows_read,
        rejected,
        duplicates,
        leads,
        attempted,
        reached,
        ordered,
    };
    Ok(rows.into_iter().map(quality).collect())
}

/// As `REOPENINGS` says.
async fn reopenings(connection: &mut Connection, campaign: CampaignId) -> Result<Vec<ReopeningYield>> {
    let rows = sqlx::query_as::<Engine, (String, i64, i64, i64, i64)>(
        "-- report: what the reopenings of each tariff brought
        SELECT tariff.tariff, COUNT(DISTINCT reopening.id), COUNT(DISTINCT attempt.reopening_id),
            COUNT(DISTINCT orders.id),
            CAST(COALESCE(SUM(orders.price_minor), 0) AS BIGINT)
        FROM reopening
        JOIN tariff ON tariff.id = reopening.tariff_id
        LEFT JOIN attempt ON attempt.reopening_id = reopening.id
        LEFT JOIN orders ON orders.attempt_id = attempt.id AND orders.state <> 'cancelled'
        WHERE reopening.campaign_id = $1 AND reopening.hold_out IS NULL AND reopening.taken_back_at_ms IS NULL
        GROUP BY tariff.tariff ORDER BY tariff.tariff",
    )
    .bind(campaign.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let brought = |(tariff, reopened, attempted, ordered, revenue_minor)| ReopeningYield {
        tariff,
        reopened,
        attempted,
        ordered,
        revenue_minor,
    };
    Ok(rows.into_iter().map(brought).collect())
}

#[derive(sqlx::FromRow)]
struct QuestionColumns {
    id: i64,
    client_id: i64,
    campaign_id: i64,
    campaign: String,
    seller: String,
    campaign_state: String,
    version: i64,
    phone: String,
    state: String,
    due_at_ms: i64,
    block: Option<String>,
    closed_reason: Option<String>,
    priority: i64,
    time_zone: Option<String>,
    list_name: String,
    list_weight: Option<i64>,
    reserved_for: Option<String>,
    last_assignment: Option<i64>,
    because: Option<String>,
    reopened_by: Option<String>,
    score_because: Option<String>,
    ahead: Option<i64>,
    reserved_until_ms: Option<i64>,
}

impl QuestionColumns {
    fn into_lead(self) -> Result<LeadInQuestion> {
        let origin = Origin::new("lead", self.id);
        let state: LeadState =
            origin.lead_state(&self.state, self.due_at_ms, self.block.as_deref(), self.closed_reason.as_deref())?;
        Ok(LeadInQuestion {
            lead: LeadId(self.id),
            client: ClientId(self.client_id),
            campaign: CampaignId(self.campaign_id),
            campaign_name: self.campaign,
            seller: self.seller,
            campaign_state: Origin::new("campaign", self.campaign_id).word("state", &self.campaign_state)?,
            campaign_version: self.version,
            phone_masked: mask(&self.phone),
            state,
            priority: self.priority,
            zone: origin.parse_some("time_zone", self.time_zone.as_deref())?,
            list_name: self.list_name,
            list_weight: self.list_weight.and_then(|weight| u32::try_from(weight).ok()),
            reserved_for: self.reserved_for,
            last_assignment: self.last_assignment.map(AssignmentId),
            reopened_because: self.because,
            reopened_by: self.reopened_by,
            score_because: self.score_because,
            ahead: self.ahead,
            reserved_until: origin.instant_some("reserved_until_ms", self.reserved_until_ms)?,
        })
    }
}

pub(super) async fn leads_in_question(connection: &mut Connection, about: &About) -> Result<Vec<LeadInQuestion>> {
    let (lead, assignment, phone, client) = match about {
        About::Lead(lead) => (Some(lead.0), None, None, None),
        About::Assignment(assignment) => (None, Some(assignment.0), None, None),
        About::Phone(phone) => (None, None, Some(phone.reveal()), None),
        About::Client(client) => (None, None, None, Some(client.0)),
    };
    sqlx::query_as::<Engine, QuestionColumns>(
        "-- why: the leads in question
        SELECT lead.id, lead.client_id, lead.campaign_id, campaign.campaign, campaign.seller, campaign.state AS campaign_state, campaign.version,
            client.phone, lead.state, lead.due_at_ms, lead.block, lead.closed_reason, lead.priority, client.time_zone, list.name AS list_name,
            list.weight AS list_weight, keeper.name AS reserved_for,
            (SELECT MAX(assignment.id) FROM assignment WHERE assignment.lead_id = lead.id) AS last_assignment,
            CASE WHEN reopening.taken_back_at_ms IS NOT NULL
                THEN 'taken back with its tariff before anybody called; it was: ' || reopening.because
                WHEN reopening.hold_out = 'without_offer' THEN 'held out, to be called without the offer; ' || reopening.because
                WHEN reopening.hold_out = 'uncalled' THEN 'was held out before; ' || reopening.because
                ELSE reopening.because END AS because,
            tariff.tariff AS reopened_by, NULLIF(reopening.score_because, '') AS score_because, lead.reserved_until_ms,
            CASE WHEN lead.state = 'scheduled' AND lead.block = 'budget' THEN (
                SELECT COUNT(*) FROM lead AS first
                WHERE first.campaign_id = lead.campaign_id AND first.state = 'scheduled' AND first.block = 'budget'
                    AND (first.priority, first.due_at_ms, first.id) < (lead.priority, lead.due_at_ms, lead.id)) END AS ahead
        FROM lead
        JOIN campaign ON campaign.id = lead.campaign_id
        JOIN client ON client.id = lead.client_id
        JOIN list ON list.id = lead.list_id AND list.state <> 'staging'
        LEFT JOIN reopening ON reopening.id = lead.reopening_id
        LEFT JOIN tariff ON tariff.id = reopening.tariff_id
        LEFT JOIN app_user AS keeper ON keeper.id = lead.reserved_for
        WHERE lead.id IN (
            SELECT CAST($1 AS BIGINT) UNION ALL SELECT kept_lead_id FROM lead_merge WHERE merged_lead_id = $1
            UNION ALL SELECT lead_id FROM assignment WHERE id = $2
            UNION ALL SELECT lead.id FROM lead JOIN client ON client.id = lead.client_id WHERE client.phone = $3
            UNION ALL SELECT lead.id FROM lead JOIN client_phone ON client_phone.client_id = lead.client_id
            WHERE client_phone.phone = $3
            UNION ALL SELECT lead.id FROM lead WHERE lead.client_id = $4)
        ORDER BY lead.id",
    )
    .bind(lead)
    .bind(assignment)
    .bind(phone)
    .bind(client)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(QuestionColumns::into_lead)
    .collect()
}
