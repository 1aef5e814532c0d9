//! Russia and Australia.

use super::super::ObstacleKind::{AttemptCap, Banned, NoTimeZone, OutsideHours};
use super::super::*;
use super::person::{Person, by_rule, by_shipped};

fn russian(zones: &[&str]) -> Person {
    by_shipped("+79161234567", "RU", None, zones)
}

#[test]
fn ru_debt_hours_sunday_in_kamchatka_end_at_20() {
    let mut person = russian(&["Asia/Kamchatka"]);
    person.call.purpose = Purpose::Debt;
    assert_eq!(person.obstacle("2026-11-22T19:59:00"), None);
    assert_eq!(person.obstacle("2026-11-22T20:00:00"), by_rule(OutsideHours, "RU-DEBT-HOURS", "2026-11-23T08:00:00"));
}

#[test]
fn ru_debt_caps_count_conversations_of_calendar_days_and_months() {
    let mut person = russian(&["Europe/Moscow"]).with_tries(&["2026-11-24T21:00:00"]);
    person.call.purpose = Purpose::Debt;
    let tomorrow = by_rule(AttemptCap, "RU-DEBT-CAP-DAY", "2026-11-25T00:00:00");
    assert_eq!(person.obstacle("2026-11-24T21:30:00"), tomorrow);
    assert_eq!(person.first_clear("2026-11-24T21:30:00").as_deref(), Some("2026-11-25T08:00:00"));
    person.tries[0].connected = Some(false);
    assert_eq!(person.obstacle("2026-11-24T21:30:00"), None);
    let days = ["01", "02", "05", "09", "13", "16", "19", "23"].map(|day| format!("2026-11-{day}T12:00:00"));
    let mut person = person.with_tries(&days.each_ref().map(String::as_str));
    person.tries.iter_mut().for_each(|one| one.connected = Some(true));
    let month = by_rule(AttemptCap, "RU-DEBT-CAP-MONTH", "2026-12-01T00:00:00");
    assert_eq!(person.obstacle("2026-11-27T12:00:00"), month);
}

#[test]
fn ru_mobile_of_unknown_region_is_closed_at_moscow_9() {
    let person = russian(&["Europe/Moscow", "Europe/Kaliningrad", "Asia/Yekaterinburg", "Asia/Kamchatka"]);
    // 8 in Kaliningrad.
    assert_eq!(
        person.obstacle("2026-11-24T09:00:00"),
        by_rule(OutsideHours, "RU-HOURS-DEFAULT", "2026-11-24T10:00:00")
    );
    assert_eq!(person.obstacle("2026-11-24T10:00:00"), None);
    assert_eq!(person.check("2026-11-24T10:00:00").open_until, Some(person.at("2026-11-24T12:00:00")));
    let lost = russian(&[]);
    assert_eq!(lost.obstacle("2026-11-24T10:00:00"), by_rule(NoTimeZone, "", ""));
    assert_eq!(lost.first_clear("2026-11-24T10:00:00"), None);
}

#[test]
fn ru_ban_autodial_forbids_predictive_marketing() {
    let mut person = russian(&["Europe/Moscow"]);
    person.consent.class = ConsentClass::Written;
    assert_eq!(person.obstacle("2026-11-24T12:00:00"), None);
    person.call.mode = DialMode::Automated;
    assert_eq!(person.obstacle("2026-11-24T12:00:00"), by_rule(Banned, "RU-BAN-AUTODIAL", ""));
    assert_eq!(person.first_clear("2026-11-24T12:00:00"), None);
}

#[test]
fn au_hours_are_closed_on_a_public_holiday() {
    let person = by_shipped("+61291234567", "AU", None, &["Australia/Sydney"]).with_register("au-dncr", "2026-12-20");
    let (kind, rule, _) = person.obstacle("2026-12-25T12:00:00").expect("Christmas");
    assert_eq!((kind, rule.as_str()), (OutsideHours, "AU-HOURS"));
    // Boxing Day falls on a Saturday and is made up for on Monday.
    assert_eq!(person.first_clear("2026-12-25T12:00:00").as_deref(), Some("2026-12-29T09:00:00"));
    let mut researcher = person;
    researcher.call.purpose = Purpose::Research;
    assert_eq!(researcher.obstacle("2026-12-22T20:15:00"), None);
}
