//! Reading on in the fronts of a floor, all of them at once.

use jiff::Timestamp;
use relance_domain::{LeadId, UserId};
use relance_store::Result;
use serde::Serialize;

use super::asking::promises_due_ms;
use super::floor::{Floor, Front, Owner, Promise, Source, Waiting};
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// How many leads are read of each of some fronts: together enough for everybody who waits, with some to spare.
fn size(operators: usize, fronts: usize) -> usize {
    (2 * operators).div_ceil(fronts.max(1)) + 1
}

/// Reads the beginning of every open lane: of its classes in the order of their priorities, as far as that goes.
pub(super) async fn read_lanes(connection: &mut Connection, floor: &mut Floor<'_>, operators: usize) -> Result<()> {
    let mut lanes: Vec<i64> = Vec::new();
    for front in &floor.fronts {
        if let Source::Lane { lane, .. } = &front.source
            && lanes.last() != Some(&lane.id.0)
        {
            lanes.push(lane.id.0);
        }
    }
    if lanes.is_empty() {
        return Ok(());
    }
    let size = size(operators, lanes.len());
    let rows = sqlx::query_as::<Engine, (i64, i64, i64, i64)>(dialect::LANE_FRONTS)
        .bind(to_json(&lanes))
        .bind(as_limit(size))
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    for front in &mut floor.fronts {
        let Source::Lane { lane, class, .. } = &front.source else { continue };
        let from = rows.partition_point(|row| row.0 < lane.id.0);
        let of_lane = &rows[from..][..rows[from..].partition_point(|row| row.0 == lane.id.0)];
        let mine = class.priorities();
        for (_, priority, due_at_ms, lead) in of_lane.iter().filter(|row| mine.contains(&row.1)) {
            add(front, (*priority, *due_at_ms, *lead), *lead, None)?;
        }
        // The lane was read to its end, or to a class that stands behind this one.
        front.read_to_end = of_lane.len() < size || of_lane.last().is_some_and(|row| row.1 > *mine.end());
    }
    Ok(())
}

/// A front to be read on, and behind which place.
#[derive(Serialize)]
struct Wanted {
    front: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<i64>,
    /// The last priority of its class.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_priority: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<i64>,
    priority: i64,
    due_at_ms: i64,
    id: i64,
}

impl Wanted {
    fn of(at: usize, front: &Front, floor: &Floor<'_>) -> Self {
        let (priority, due_at_ms, id) = front.read_to;
        let nothing =
            Self { front: at, lane: None, to_priority: None, campaign: None, owner: None, priority, due_at_ms, id };
        match &front.source {
            Source::Lane { lane, class, .. } => {
                let mine = class.priorities();
                let (to_priority, priority) = (Some(*mine.end()), priority.max(*mine.start()));
                Self { lane: Some(lane.id.0), to_priority, priority, ..nothing }
            }
            Source::Promises(owner) => {
                let owner = match owner {
                    Owner::Anybody => 0,
                    Owner::Operator(owner) | Owner::Absent(owner) => owner.0,
                };
                Self { campaign: Some(floor.campaigns[front.campaign].id.0), owner: Some(owner), ..nothing }
            }
        }
    }
}

type BehindRow = (i64, i64, i64, i64);
type PromiseRow = (i64, i64, i64, i64, Option<String>, Option<i64>, i64);

/// Reads on in some fronts.
pub(super) async fn read_on(
    connection: &mut Connection,
    floor: &mut Floor<'_>,
    fronts: &[usize],
    operators: usize,
    now: Timestamp,
) -> Result<()> {
    let is_lane = |at: &&usize| matches!(floor.fronts[**at].source, Source::Lane { .. });
    let (lanes, promises): (Vec<&usize>, Vec<&usize>) = fronts.iter().partition(is_lane);
    let wanted =
        |of: &[&usize]| -> Vec<Wanted> { of.iter().map(|at| Wanted::of(**at, &floor.fronts[**at], floor)).collect() };
    let (in_lanes, of_promises) = (wanted(&lanes), wanted(&promises));
    let size = size(operators, fronts.len());
    let mut read = vec![0; floor.fronts.len()];
    if !in_lanes.is_empty() {
        let rows = sqlx::query_as::<Engine, BehindRow>(dialect::BEHIND_IN_LANES)
            .bind(to_json(&in_lanes))
            .bind(as_limit(size))
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
        for (front, priority, due_at_ms, lead) in rows {
            let at = place(front);
            add(&mut floor.fronts[at], (priority, due_at_ms, lead), lead, None)?;
            read[at] += 1;
        }
    }
    if !of_promises.is_empty() {
        let rows = sqlx::query_as::<Engine, PromiseRow>(dialect::PROMISES_BEHIND)
            .bind(to_json(&of_promises))
            .bind(as_limit(size))
            .bind(promises_due_ms(now))
            .fetch_all(connection)
            .await
            .map_err(failed)?;
        for (front, due_at_ms, callback, lead, language, reserved_for, phone_position) in rows {
            let at = place(front);
            let promise = Promise { callback, phone_position };
            add(&mut floor.fronts[at], (0, due_at_ms, callback), lead, Some((promise, language, reserved_for)))?;
            read[at] += 1;
        }
    }
    for at in fronts {
        floor.fronts[*at].read_to_end = read[*at] < size;
    }
    Ok(())
}

fn as_limit(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The front that a row names, which was sent with the statement.
fn place(front: i64) -> usize {
    usize::try_from(front).unwrap_or_default()
}

/// Adds what was read to the end of a front.
fn add(
    front: &mut Front,
    (priority, due_at_ms, key): (i64, i64, i64),
    lead: i64,
    promised: Option<(Promise, Option<String>, Option<i64>)>,
) -> Result<()> {
    let due_at = Origin::new("lead", lead).instant("due_at_ms", due_at_ms)?;
    let (promise, language, reserved_for) = match promised {
        Some((promise, language, reserved_for)) => (Some(promise), language, reserved_for.map(UserId)),
        None => (None, None, None),
    };
    front.waiting.push_back(Waiting { priority, due_at, lead: LeadId(lead), promise, language, reserved_for });
    front.read_to = (priority, due_at_ms, key);
    Ok(())
}
