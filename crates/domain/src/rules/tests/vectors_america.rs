//! The United States and Canada.

use super::super::ObstacleKind::{AttemptCap, CoolDown, NoJurisdiction, OutsideHours, RegisterTooOld};
use super::super::*;
use super::person::{Person, by_rule, by_shipped};

fn american(number: &str, region: &str, zones: &[&str]) -> Person {
    by_shipped(number, "US", Some(region), zones).with_register("us-dnc", "2026-11-10")
}

#[test]
fn us_hours_count_in_both_zones_of_number_and_address() {
    // A New York area code and an address in Los Angeles: both clocks count.
    let person = american("+12125550123", "CA", &["America/Los_Angeles", "America/New_York"]);
    assert_eq!(person.obstacle("2026-11-24T20:59:00"), by_rule(OutsideHours, "US-HOURS", "2026-11-25T08:00:00"));
    assert_eq!(person.obstacle("2026-11-24T17:59:00"), None);
    assert_eq!(person.obstacle("2026-11-24T17:59:30"), by_rule(OutsideHours, "US-HOURS", "2026-11-25T08:00:00"));
    // From 8 in New York it is not yet 8 in Los Angeles.
    assert_eq!(person.obstacle("2026-11-24T05:00:00"), by_rule(OutsideHours, "US-HOURS", "2026-11-24T08:00:00"));
}

#[test]
fn us_fl_hours_end_at_20() {
    let person = american("+13055550123", "FL", &["America/New_York"]);
    assert_eq!(person.place.as_str(), "US-FL");
    assert_eq!(person.obstacle("2026-11-24T19:59:00"), None);
    assert_eq!(person.obstacle("2026-11-24T20:00:00"), by_rule(OutsideHours, "US-FL-HOURS", "2026-11-25T08:00:00"));
    // An area code of Florida is enough, wherever the address is.
    let moved = american("+13055550123", "GA", &["America/New_York"]);
    assert_eq!(moved.obstacle("2026-11-24T20:00:00"), by_rule(OutsideHours, "US-FL-HOURS", "2026-11-25T08:00:00"));
}

#[test]
fn us_state_that_nobody_knows_is_no_place() {
    for (region, place) in [("Texas", "US-TX"), ("ga", "US"), ("new york", "US"), ("Flordia", ""), ("Fla.", "")] {
        assert_eq!(american("+12125550123", region, &["America/New_York"]).place.as_str(), place, "{region}");
    }
}

#[test]
fn us_fl_cap_counts_three_calls_a_day_on_one_subject() {
    let tries = ["2026-11-24T09:00:00", "2026-11-24T11:00:00", "2026-11-24T13:00:00"];
    let mut person = american("+13055550123", "FL", &["America/New_York"]).with_tries(&tries);
    let room = by_rule(AttemptCap, "US-FL-CAP", "2026-11-25T09:00:00");
    assert_eq!(person.obstacle("2026-11-24T15:00:00"), room);
    assert_eq!(person.obstacle("2026-11-25T08:59:59"), room);
    assert_eq!(person.obstacle("2026-11-25T09:00:00"), None);
    // The fourth call, on another subject.
    person.tries.iter_mut().for_each(|one| one.same_subject = false);
    assert_eq!(person.obstacle("2026-11-24T15:00:00"), None);
}

#[test]
fn us_toll_free_number_is_nowhere() {
    let person = american("+18005550123", "FL", &[]);
    assert!(person.place.is_nowhere());
    assert_eq!(person.obstacle("2026-11-24T15:00:00"), by_rule(NoJurisdiction, "", ""));
    assert_eq!(person.first_clear("2026-11-24T15:00:00"), None);
}

#[test]
fn us_dnc_31_file_is_too_old_after_31_days() {
    let person = american("+12125550123", "NY", &["America/New_York"]);
    assert_eq!(person.obstacle("2026-12-10T12:00:00"), None);
    assert_eq!(person.obstacle("2026-12-11T12:00:00"), by_rule(RegisterTooOld, "US-DNC-31", ""));
}

fn debtor() -> Person {
    let mut person = american("+12125550123", "NY", &["America/New_York"]);
    person.call.purpose = Purpose::Debt;
    person
}

#[test]
fn us_regf_7in7_refuses_the_eighth_call_within_seven_days() {
    let six = [
        "2026-11-16T10:00:00",
        "2026-11-17T10:00:00",
        "2026-11-18T10:00:00",
        "2026-11-19T10:00:00",
        "2026-11-20T10:00:00",
        "2026-11-21T10:00:00",
    ];
    let person = debtor().with_tries(&six);
    assert_eq!(person.obstacle("2026-11-22T09:30:00"), None);
    let seven = debtor().with_tries(&[six.as_slice(), &["2026-11-22T09:30:00"]].concat());
    let room = by_rule(AttemptCap, "US-REGF-7IN7", "2026-11-23T10:00:00");
    assert_eq!(seven.obstacle("2026-11-22T12:00:00"), room);
    assert_eq!(seven.obstacle("2026-11-23T09:59:59"), room);
    assert_eq!(seven.obstacle("2026-11-23T10:00:00"), None);
}

#[test]
fn us_regf_conv7_conversation_is_day_1() {
    let mut person = debtor();
    person.last.conversation = Some(person.at("2026-11-16T15:00:00"));
    let until = by_rule(CoolDown, "US-REGF-CONV7", "2026-11-23T00:00:00");
    assert_eq!(person.obstacle("2026-11-22T12:00:00"), until); // day 1 + 6
    assert_eq!(person.obstacle("2026-11-23T12:00:00"), None);
}

#[test]
fn us_debt_is_not_marketing() {
    let ids: Vec<String> = debtor().check("2026-11-24T12:00:00").rules.into_iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["US-REGF-7IN7", "US-REGF-CONV7", "US-REGF-HOURS"]);
}

#[test]
fn ca_hours_saturday_ends_at_18() {
    let person = by_shipped("+14165550123", "CA", None, &["America/Toronto"]).with_register("ca-dncl", "2026-11-20");
    assert_eq!(person.place.as_str(), "CA");
    assert_eq!(person.obstacle("2026-11-28T17:59:00"), None);
    assert_eq!(person.obstacle("2026-11-28T18:00:00"), by_rule(OutsideHours, "CA-HOURS", "2026-11-29T10:00:00"));
    assert_eq!(person.obstacle("2026-11-24T21:29:00"), None);
}

#[test]
fn us_al_hours_are_closed_on_thanksgiving() {
    let person = american("+12055550123", "AL", &["America/Chicago"]);
    assert_eq!(person.obstacle("2026-11-25T12:00:00"), None);
    let (kind, rule, _) = person.obstacle("2026-11-26T12:00:00").expect("a holiday");
    assert_eq!((kind, rule.as_str()), (OutsideHours, "US-AL-HOURS"));
}
