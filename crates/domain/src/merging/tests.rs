use super::*;
use crate::queue::{FRESH, REOPENED, RETRY};
use crate::{ClientId, ZoneName, zone::ZoneSource};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn lead(state: LeadState) -> LeadToMerge {
    let promised_for = match state {
        LeadState::Scheduled { block: Block::Callback, due_at } => Some(due_at),
        _ => None,
    };
    LeadToMerge { state, priority: FRESH, hand_outs: 0, promised_for, refusal: None, reopening: None }
}

fn closed(reason: ClosedReason) -> LeadState {
    LeadState::Closed(reason)
}

fn waits(second: i64, block: Block) -> LeadState {
    LeadState::Scheduled { due_at: at(second), block }
}

/// Every state a lead may have when it is merged, the gravest first: whatever two meet, the earlier in this list stands.
#[test]
fn the_graver_state_stands() {
    let order = [
        closed(ClosedReason::Suppressed),
        closed(ClosedReason::Ordered),
        waits(5, Block::Callback),
        closed(ClosedReason::Refused),
        closed(ClosedReason::WrongNumber),
        closed(ClosedReason::Exhausted),
        waits(5, Block::Retry),
        LeadState::Ready,
        closed(ClosedReason::Expired),
        closed(ClosedReason::Withdrawn),
    ];
    for (place, graver) in order.iter().enumerate() {
        for milder in &order[place..] {
            for (kept, other) in [(graver, milder), (milder, graver)] {
                let merged = leads(&lead(*kept), &lead(*other));
                assert_eq!(merged.state, *graver, "{kept:?} with {other:?}");
                let promise = matches!(graver, LeadState::Scheduled { block: Block::Callback, .. });
                assert_eq!(merged.promise.is_some(), promise, "{kept:?} with {other:?}");
            }
        }
    }
}

#[test]
fn among_equals_the_first_promise_the_longer_wait_the_newer_refusal() {
    for (early, late) in [(3, 9), (9, 3)] {
        let promise = leads(&lead(waits(early, Block::Callback)), &lead(waits(late, Block::Callback)));
        let expected = if early < late { Side::Kept } else { Side::Other };
        assert_eq!((promise.state, promise.promise), (waits(3, Block::Callback), Some(expected)));
        let wait = leads(&lead(waits(early, Block::Retry)), &lead(waits(late, Block::CoolDown)));
        let expected = if early < late { waits(9, Block::CoolDown) } else { waits(9, Block::Retry) };
        assert_eq!((wait.state, wait.promise), (expected, None));
    }
    let refused = |id| LeadToMerge { refusal: Some(RefusalId(id)), ..lead(closed(ClosedReason::Refused)) };
    assert_eq!(leads(&refused(1), &refused(2)).refusal, Some(RefusalId(2)));
    assert_eq!(leads(&refused(2), &refused(1)).refusal, Some(RefusalId(2)));
    // A promise that the calling hours moved counts by what was promised.
    let moved = LeadToMerge { promised_for: Some(at(1)), ..lead(waits(99, Block::Callback)) };
    assert_eq!(leads(&lead(waits(5, Block::Callback)), &moved).promise, Some(Side::Other));
}

#[test]
fn the_lead_with_more_history_stays_unless_its_list_is_over() {
    let ready = |hand_outs| LeadToMerge { hand_outs, ..lead(LeadState::Ready) };
    let over = |hand_outs| LeadToMerge { hand_outs, ..lead(closed(ClosedReason::Expired)) };
    for (kept, other, stays) in [
        (ready(0), ready(0), Side::Kept),
        (ready(1), ready(2), Side::Other),
        (ready(2), ready(1), Side::Kept),
        (over(3), ready(0), Side::Other),
        (ready(0), over(3), Side::Kept),
        (over(1), over(2), Side::Other),
    ] {
        assert_eq!(leads(&kept, &other).stays, stays, "{kept:?} with {other:?}");
    }
}

#[test]
fn the_place_in_the_queue_is_that_of_the_newest_reopening_or_of_who_was_tried() {
    let fresh = lead(LeadState::Ready);
    let retried = LeadToMerge { priority: RETRY, ..fresh };
    let reopened = |id, priority| LeadToMerge {
        priority,
        refusal: Some(RefusalId(id)),
        reopening: Some(ReopeningId(id)),
        ..fresh
    };
    for (kept, other, priority, reopening) in [
        (fresh, fresh, FRESH, None),
        (fresh, retried, RETRY, None),
        (retried, fresh, RETRY, None),
        (retried, reopened(1, REOPENED), REOPENED, Some(1)),
        (reopened(1, REOPENED), reopened(2, RETRY), RETRY, Some(2)),
    ] {
        let merged = leads(&kept, &other);
        assert_eq!((merged.priority, merged.reopening), (priority, reopening.map(ReopeningId)), "{kept:?} {other:?}");
        assert_eq!(merged.refusal, reopening.map(RefusalId), "a reopened lead remembers what was refused");
    }
}

/// A reopening that waits for a budget is let through with the lead that waits for it, or not at all.
#[test]
fn a_reopening_that_waits_for_a_budget_goes_with_its_state() {
    let reopened = |state, id| LeadToMerge {
        priority: REOPENED + id,
        refusal: Some(RefusalId(id)),
        reopening: Some(ReopeningId(id)),
        ..lead(state)
    };
    for (waiting, called) in [(1, 2), (2, 1)] {
        let budget = reopened(waits(5, Block::Budget), waiting);
        for (state, stands) in [(LeadState::Ready, waiting), (waits(5, Block::Callback), called)] {
            let other = reopened(state, called);
            for merged in [leads(&budget, &other), leads(&other, &budget)] {
                let expected = (REOPENED + stands, Some(RefusalId(stands)), Some(ReopeningId(stands)));
                assert_eq!(
                    (merged.priority, merged.refusal, merged.reopening),
                    expected,
                    "{waiting} with {called} {state:?}"
                );
            }
        }
    }
}

fn known(city: Option<&str>, postcode: Option<&str>) -> KnownClient {
    KnownClient {
        id: ClientId(1),
        reference: None,
        first_name: None,
        last_name: Some("Durand".into()),
        street: None,
        city: city.map(Into::into),
        postcode: postcode.map(Into::into),
        region: None,
        zone: None,
        facts: None,
    }
}

#[test]
fn gaps_are_filled_and_addresses_are_not_mixed() {
    let zone: ZoneName = "Europe/Paris".parse().expect("a zone");
    let other = KnownClient {
        first_name: Some("Zoé".into()),
        last_name: Some("Dupont".into()),
        zone: Some((zone, ZoneSource::List)),
        ..known(Some("Lyon"), Some("69001"))
    };
    let names = |kept: &KnownClient| gaps(kept, &other).iter().map(|gap| gap.what.as_str()).collect::<Vec<_>>();
    let zone = ["time_zone", "zone_source"];
    assert_eq!(names(&known(None, None)), [&["first_name", "city", "postcode"][..], &zone].concat());
    assert_eq!(names(&known(Some("LYON "), None)), [&["first_name", "postcode"][..], &zone].concat());
    assert_eq!(names(&known(Some("Paris"), None)), [&["first_name"][..], &zone].concat());
    assert!(gaps(&other, &known(None, None)).is_empty());
}

#[test]
fn a_no_to_being_called_is_never_lost() {
    let table = [None, Some(true), Some(false)].map(|stays| {
        [None, Some(true), Some(false)].map(|goes| if takes_other_consent(stays, goes) { goes } else { stays })
    });
    assert_eq!(
        table,
        [
            [None, Some(true), Some(false)],
            [Some(true), Some(true), Some(false)],
            [Some(false), Some(false), Some(false)]
        ]
    );
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let one = facts(map(&[("a", "1")]), map(&[("a", "2"), ("b", "3")]));
    assert_eq!(one, map(&[("a", "1"), ("b", "3")]));
}
