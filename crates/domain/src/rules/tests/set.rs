//! Places, retention, holidays and the campaign's own limits.

use super::super::*;
use super::person::{by, by_rule, by_shipped, date, marketing};
use super::small;
use crate::Span;
use crate::definition::AttemptCap;
use crate::testing::definition;

fn place(set: &RuleSet, number: &str, country: &str, region: Option<&str>) -> String {
    set.place(&Whereabouts { number, country, region }).to_string()
}

#[test]
fn a_place_is_that_of_number_and_address_together() {
    let set = small::set();
    for (number, country, region, expected) in [
        ("+33199001234", "", None, "FR"),
        ("+262262001234", "FR", None, "FR"),
        ("+441314960123", "", None, "GB-SCT"),
        ("+442079460123", "GB", Some(" scotland "), "GB-SCT"), // its parent is left out
        ("+442079460123", "GB", Some("gb-sct"), "GB-SCT"),
        ("+442079460123", "gb", Some("Kent"), "GB"),
        ("+442079460123", "FR", None, "FR+GB"),
        ("+442079460123", "US", None, ""), // nobody knows the law of the address
        ("+49301234567", "FR", None, ""),  // nor of the number
        ("+448001234567", "GB", None, ""), // a number of no place
        ("", "FR", None, ""),
        ("+4", "FR", None, ""),
    ] {
        assert_eq!(place(&set, number, country, region), expected, "{number} {country} {region:?}");
    }
}

#[test]
fn a_place_is_written_and_read() {
    for text in ["", "FR", "US-CA+US-NY"] {
        assert_eq!(text.parse::<Place>().expect(text).to_string(), text);
    }
    for wrong in ["fr", "US-NY+US-CA", "FR+FR", "FR+", "FRA", "FR ", "US-CALI", "*"] {
        assert!(wrong.parse::<Place>().is_err(), "{wrong}");
    }
}

#[test]
fn a_place_of_other_rules_is_not_callable() {
    let person = by(small::set(), "DE+FR".parse().expect("a place"), &["Europe/Paris"]);
    let (kind, _, _) = person.obstacle("2026-11-23T11:00:00").expect("in the way");
    assert_eq!(kind, ObstacleKind::NoJurisdiction);
    assert_eq!(person.first_clear("2026-11-23T11:00:00"), None);
}

#[test]
fn rules_of_parents_and_of_both_places_apply() {
    let person = by(small::set(), "FR+GB-SCT".parse().expect("a place"), &["Europe/Paris"]);
    let ids: Vec<String> = person.check("2026-11-23T11:00:00").rules.into_iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["FR-HOURS", "EU-CAP", "EU-PAUSE", "GB-REGISTER"]);
    assert_eq!(person.obstacle("2026-11-23T11:00:00"), by_rule(ObstacleKind::RegisterTooOld, "GB-REGISTER", ""));
}

#[test]
fn a_refusal_blocks_whatever_the_rules_say() {
    let mut person = by_shipped("+33199001234", "FR", None, &["Europe/Paris"]);
    person.relationship = Relationship::Contract;
    person.consent.class = ConsentClass::Refused;
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), by_rule(ObstacleKind::NoConsent, "", ""));
}

#[test]
fn a_consent_of_tomorrow_counts_from_tomorrow() {
    let mut person = by_shipped("+33199001234", "FR", None, &["Europe/Paris"]);
    person.consent.given_on = Some(date("2026-11-25"));
    let midnight = by_rule(ObstacleKind::NoConsent, "FR-CONSENT-OPTIN", "2026-11-25T00:00:00");
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), midnight);
    assert_eq!(person.first_clear("2026-11-24T11:00:00").as_deref(), Some("2026-11-25T10:00:00"));
}

#[test]
fn hours_of_a_gap_a_fold_a_holiday_and_its_eve() {
    let person = by(small::set(), "FR".parse().expect("a place"), &["Europe/Paris"]);
    let window = |local: &str| person.check(local).window;
    // 29 March 2026 has no 02:30: the window opens after the gap, at 03:30 by the readings, and never before it.
    assert_eq!(window("2026-03-29T01:59:59"), None);
    assert_eq!(window("2026-03-29T03:30:00").as_deref(), Some("02:30-04:00"));
    // Whit Monday: what the holiday leaves of the weekday's windows.
    assert_eq!(window("2026-05-25T09:30:00"), None);
    assert_eq!(window("2026-05-25T10:00:00").as_deref(), Some("10:00-12:00"));
    assert_eq!(window("2026-05-25T15:00:00"), None);
    // Monday 23 November is the eve of a holiday; the holiday itself, a Tuesday, stays closed as every Tuesday.
    assert_eq!(window("2026-11-23T10:30:00").as_deref(), Some("10:00-11:00"));
    assert_eq!(window("2026-11-23T15:00:00"), None);
    assert_eq!(window("2026-11-24T10:30:00"), None);
    // Nobody knows the holidays of 2028: every day counts as one.
    assert_eq!(window("2028-01-10T15:00:00"), None);
    assert_eq!(window("2028-01-10T10:30:00").as_deref(), Some("10:00-12:00"));
}

#[test]
fn hours_around_the_clock_do_not_close_at_midnight() {
    let mut person = by(small::set(), "GB".parse().expect("a place"), &["Europe/London"]);
    person.call.purpose = Purpose::Service;
    person.own = own_rules(&definition().calling);
    // The default of the pack closes at 20:00, the campaign's own hours never.
    let findings = person.check("2026-11-23T19:00:00");
    assert_eq!(findings.open_until, Some(person.at("2026-11-23T20:00:00")));
    let midnight = person.check("2026-11-23T23:59:30");
    assert!(midnight.rules.iter().any(|finding| finding.id == "campaign-hours" && finding.passed), "{midnight:#?}");
}

#[test]
fn a_campaign_s_own_limits_are_rules() {
    let mut profile = definition().calling;
    profile.caps.push(AttemptCap { max: 1, window: Span::minutes(120) });
    let ids: Vec<String> = own_rules(&profile).into_iter().map(|rule| rule.id).collect();
    assert_eq!(ids, ["campaign-hours", "campaign-cap-4-30d", "campaign-cap-1-2h", "campaign-refusal-60d"]);
    let mut person =
        by(small::set(), "FR".parse().expect("a place"), &["Europe/Paris"]).with_tries(&["2026-11-16T10:30:00"]);
    person.own = own_rules(&profile);
    let room = by_rule(ObstacleKind::AttemptCap, "campaign-cap-1-2h", "2026-11-16T12:30:00");
    assert_eq!(person.obstacle("2026-11-16T11:00:00"), room);
    person.last.refusal = Some(person.at("2026-11-16T10:40:00"));
    let pause = by_rule(ObstacleKind::CoolDown, "campaign-refusal-60d", "2027-01-16T00:00:00");
    assert_eq!(person.obstacle("2026-11-16T11:00:00"), pause);
    profile.days_after_refusal = 0;
    profile.caps.clear();
    assert_eq!(own_rules(&profile).len(), 1);
}

#[test]
fn hours_serve_a_whole_lane() {
    let person = by_shipped("+33199001234", "FR", None, &["Europe/Paris"]);
    let at = |local: &str| hours_at(person.at(local), &person.set, &[], &person.call, &person.place, &person.zones);
    let lunch = HoursOpening::Closed { opens_at: Some(person.at("2026-11-24T14:00:00")) };
    assert_eq!(at("2026-11-24T12:59:30"), lunch);
    let HoursOpening::Open { window, until } = at("2026-11-24T14:00:00") else { panic!("open") };
    assert_eq!(
        (window.map(|w| w.to_string()).as_deref(), until),
        (Some("14:00-20:00"), person.at("2026-11-24T20:00:00"))
    );
    let nowhere =
        hours_at(person.at("2026-11-24T14:00:00"), &person.set, &[], &person.call, &Place::default(), &person.zones);
    assert_eq!(nowhere, HoursOpening::Closed { opens_at: None });
}

#[test]
fn retention_keeps_and_erases() {
    let set = small::set();
    let kept = |place: &str, contact| {
        retention(date("2026-11-24"), &set, &place.parse().expect("a place"), &marketing(), date("2024-02-29"), contact)
    };
    let found = kept("GB-SCT", None);
    assert_eq!(found.may_erase_from, Some(date("2026-02-28")));
    assert_eq!(found.must_erase_from, Some(date("2027-02-28")));
    assert_eq!(found.rules, ["GB-KEEP"]);
    assert_eq!(kept("GB-SCT", Some(date("2025-03-01"))).must_erase_from, Some(date("2028-03-01")));
    assert_eq!(kept("FR", None), Retention::default());
}

#[test]
fn needed_registers_and_the_end_of_the_holidays_are_known() {
    let set = small::set();
    let needed = set.registers_needed(&"GB-SCT".parse().expect("a place"), &marketing(), date("2026-11-24"));
    assert_eq!(
        needed.iter().map(|n| (n.register, n.registry, n.rule)).collect::<Vec<_>>(),
        [("tps", "TPS", "GB-REGISTER")]
    );
    assert_eq!(set.holidays_end(), Some(2027));
    assert_eq!(set.warn_holidays_near(date("2027-09-01")), None);
    let warning = set.warn_holidays_near(date("2027-10-04")).expect("90 days reach into 2028");
    assert!(warning.starts_with("the holidays of 2028 are not known"), "{warning}");
}

#[test]
fn findings_are_stored_and_read_back() {
    let person = by_shipped("+33199001234", "FR", None, &["Europe/Paris"]).with_tries(&["2026-11-24T10:30:00"]);
    let findings = person.check("2026-11-24T12:59:59");
    let json = serde_json::to_string(&findings).expect("json");
    assert!(
        json.contains(r#""obstacle":{"kind":"outside_hours","rule":"FR-HOURS","until":"2026-11-24T13:00:00Z""#),
        "{json}"
    );
    assert!(json.contains(r#""used":{"used":1,"max":4}"#), "{json}");
    assert_eq!(serde_json::from_str::<Findings>(&json).expect("read back"), findings);
}
