//! France, Britain, Germany, Italy, Spain, the Netherlands.

use super::super::ObstacleKind::{AttemptCap, Banned, CoolDown, NoConsent, OutsideHours, RegisterTooOld, Registered};
use super::super::*;
use super::person::{Person, by_rule, by_shipped, date};

fn french() -> Person {
    by_shipped("+33199001234", "FR", None, &["Europe/Paris"])
}

fn unsaid(person: Person) -> Person {
    Person { consent: Consent::UNSAID, ..person }
}

#[test]
fn fr_hours_tuesday_lunch_opens_at_14() {
    let person = french();
    let lunch = by_rule(OutsideHours, "FR-HOURS", "2026-11-24T14:00:00");
    // A call may be handed out until a minute before the window closes.
    assert_eq!(person.obstacle("2026-11-24T12:59:00"), None);
    assert_eq!(person.obstacle("2026-11-24T12:59:01"), lunch);
    assert_eq!(person.obstacle("2026-11-24T12:59:59"), lunch);
    assert_eq!(person.obstacle("2026-11-24T13:00:00"), lunch);
    assert_eq!(person.obstacle("2026-11-24T14:00:00"), None);
    assert_eq!(person.first_clear("2026-11-24T12:59:59").as_deref(), Some("2026-11-24T14:00:00"));
    let open = person.check("2026-11-24T14:00:00");
    assert_eq!(open.window.as_deref(), Some("14:00-20:00"));
    assert_eq!(open.open_until, Some(person.at("2026-11-24T20:00:00")));
    assert_eq!(
        person.sentence("2026-11-24T12:59:59", "FR-HOURS"),
        "it is Tuesday 12:59:59 in Europe/Paris, outside the hours or within 1m of their end; they open at 2026-11-24 14:00"
    );
}

#[test]
fn fr_hours_saturday_opens_on_monday() {
    let monday = by_rule(OutsideHours, "FR-HOURS", "2026-11-30T10:00:00");
    assert_eq!(french().obstacle("2026-11-28T11:00:00"), monday);
}

#[test]
fn fr_hours_8_may_is_a_holiday() {
    let person = unsaid(french()).with_register("bloctel", "2026-05-01");
    // A Friday: the weekend follows.
    assert_eq!(person.obstacle("2026-05-08T11:00:00"), by_rule(OutsideHours, "FR-HOURS", "2026-05-11T10:00:00"));
    assert_eq!(person.obstacle("2026-05-07T11:00:00"), None);
}

#[test]
fn fr_hours_are_lifted_by_a_waiver_and_caps_are_not() {
    let mut person = french();
    person.consent.hours_waiver = true;
    assert_eq!(person.obstacle("2026-11-28T11:00:00"), None);
    let tries = ["2026-11-23T11:00:00", "2026-11-24T11:00:00", "2026-11-25T11:00:00", "2026-11-26T11:00:00"];
    let capped = person.with_tries(&tries);
    assert_eq!(capped.obstacle("2026-11-28T11:00:00"), by_rule(AttemptCap, "FR-CAP-4-30", "2026-12-23T11:00:00"));
}

#[test]
fn fr_cap_4_30_allows_the_fourth_try_and_not_the_fifth_at_day_30_midnight() {
    let three = french().with_tries(&["2026-11-02T10:30:00", "2026-11-02T15:00:00", "2026-11-03T11:00:00"]);
    assert_eq!(three.obstacle("2026-11-04T11:00:00"), None);
    assert_eq!(three.sentence("2026-11-04T11:00:00", "FR-CAP-4-30"), "3 of 4 tries used within 30 days");
    let tries = ["2026-11-03T11:00:00", "2026-11-02T10:30:00", "2026-11-02T15:00:00", "2026-11-04T11:00:00"];
    let four = french().with_tries(&tries);
    let room = by_rule(AttemptCap, "FR-CAP-4-30", "2026-12-02T10:30:00");
    assert_eq!(four.obstacle("2026-11-30T11:00:00"), room);
    assert_eq!(four.obstacle("2026-12-02T00:00:00"), room);
    assert_eq!(four.obstacle("2026-12-02T10:29:59"), room);
    assert_eq!(four.obstacle("2026-12-02T10:30:00"), None);
    assert_eq!(four.first_clear("2026-11-10T11:00:00").as_deref(), Some("2026-12-02T10:30:00"));
}

#[test]
fn fr_cooldown_60_first_day_is_refusal_plus_61() {
    let mut person = french();
    person.last.refusal = Some(person.at("2026-09-23T23:30:00"));
    let until = by_rule(CoolDown, "FR-COOLDOWN-60", "2026-11-23T00:00:00");
    assert_eq!(person.obstacle("2026-11-22T23:59:59"), until); // + 60
    assert_eq!(person.obstacle("2026-11-23T10:00:00"), None); // + 61
    assert_eq!(person.first_clear("2026-09-24T11:00:00").as_deref(), Some("2026-11-23T10:00:00"));
}

#[test]
fn fr_objection_forever_never_ends() {
    let mut person = french();
    person.last.objection = Some(person.at("2026-09-23T11:00:00"));
    assert_eq!(
        person.obstacle("2026-11-24T11:00:00").map(|(kind, _, until)| (kind, until)),
        Some((CoolDown, String::new()))
    );
    assert_eq!(person.first_clear("2026-11-24T11:00:00"), None);
}

#[test]
fn fr_consent_optin_binds_from_11_august_2026() {
    let person = unsaid(french()).with_register("bloctel", "2026-08-01");
    assert_eq!(person.obstacle("2026-08-10T11:00:00"), None);
    assert_eq!(person.obstacle("2026-08-11T11:00:00"), by_rule(NoConsent, "FR-CONSENT-OPTIN", ""));
    // From the evening before there is no clear instant any more.
    assert_eq!(person.first_clear("2026-08-10T19:59:30"), None);
    let customer = Person { relationship: Relationship::Contract, ..person };
    assert_eq!(customer.obstacle("2026-08-11T11:00:00"), None);
}

#[test]
fn fr_consent_optin_needs_proof() {
    let mut person = french();
    person.consent.class = ConsentClass::Given;
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), by_rule(NoConsent, "FR-CONSENT-OPTIN", ""));
    assert_eq!(
        person.sentence("2026-11-24T11:00:00", "FR-CONSENT-OPTIN"),
        "this call needs a consent whose day and evidence are known; the person said yes; that is not enough"
    );
}

#[test]
fn fr_dnc_bloctel_needs_a_fresh_file_until_10_august_2026() {
    let person = unsaid(french());
    assert_eq!(person.obstacle("2026-08-10T11:00:00"), by_rule(RegisterTooOld, "FR-DNC-BLOCTEL", ""));
    let person = person.with_register("bloctel", "2026-07-10");
    assert_eq!(person.obstacle("2026-08-07T11:00:00"), None);
    assert_eq!(person.obstacle("2026-08-10T11:00:00"), by_rule(RegisterTooOld, "FR-DNC-BLOCTEL", ""));
    // Its end clears it, for a customer who needs no consent either.
    let customer = Person { relationship: Relationship::Contract, ..person };
    assert_eq!(customer.first_clear("2026-08-10T11:00:00").as_deref(), Some("2026-08-11T10:00:00"));
}

#[test]
fn fr_ban_renov_forbids_a_sector() {
    let mut person = french();
    person.call.sector = Some("home-energy".to_owned());
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), by_rule(Banned, "FR-BAN-RENOV", ""));
    person.relationship = Relationship::Contract;
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), None);
}

#[test]
fn fr_hours_count_in_reunion_at_paris_noon() {
    let person = by_shipped("+262262001234", "RE", None, &["Indian/Reunion"]);
    assert_eq!(person.place.as_str(), "FR");
    let paris = french();
    for (in_paris, opens) in [("2026-11-24T12:00:00", None), ("2026-11-24T17:00:00", Some("2026-11-25T10:00:00"))] {
        let findings = check(paris.at(in_paris), &person.set, &[], &person.circumstances());
        let until = findings.obstacle.map(|obstacle| person.local(obstacle.until.expect("hours open again")));
        assert_eq!(until.as_deref(), opens, "{in_paris}");
    }
}

#[test]
fn fr_hours_in_the_gap_of_29_march_2026_open_on_monday() {
    let person = unsaid(french()).with_register("bloctel", "2026-03-20");
    // 02:30 does not exist that Sunday.
    assert_eq!(person.obstacle("2026-03-29T02:30:00"), by_rule(OutsideHours, "FR-HOURS", "2026-03-30T10:00:00"));
}

#[test]
fn gb_ofcom_72h_counts_from_the_drop() {
    let mut person = by_shipped("+447700900123", "GB", None, &["Europe/London"]).with_register("tps", "2026-11-20");
    person.call.mode = DialMode::Automated;
    person.last.abandoned = Some(person.at("2026-11-24T15:00:00"));
    let until = by_rule(CoolDown, "GB-OFCOM-72H", "2026-11-27T15:00:00");
    assert_eq!(person.obstacle("2026-11-27T14:59:00"), until);
    assert_eq!(person.obstacle("2026-11-27T15:00:00"), None);
    // An operator who dials by hand is there when the person answers.
    person.call.mode = DialMode::Manual;
    assert_eq!(person.obstacle("2026-11-27T14:59:00"), None);
}

#[test]
fn de_consent_lapses_five_years_after_its_last_use() {
    let mut person = by_shipped("+4930123456", "DE", None, &["Europe/Berlin"]);
    person.consent.given_on = Some(date("2020-01-15"));
    person.consent.last_used_on = Some(date("2021-11-23"));
    assert_eq!(person.obstacle("2026-11-23T11:00:00"), None);
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), by_rule(NoConsent, "DE-CONSENT-B2C", ""));
    person.consent.given_on = None;
    person.consent.last_used_on = None;
    assert_eq!(person.obstacle("2026-11-23T11:00:00"), by_rule(NoConsent, "DE-CONSENT-B2C", ""));
}

#[test]
fn it_rpo_file_is_too_old_after_15_days() {
    let person = by_shipped("+390612345678", "IT", None, &["Europe/Rome"]).with_register("it-rpo", "2026-11-10");
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), None);
    // 15 days and an hour after a file of 10 in the morning: the day alone does not tell the hour, so all of it is out.
    assert_eq!(person.obstacle("2026-11-25T11:00:00"), by_rule(RegisterTooOld, "IT-RPO", ""));
    assert_eq!(
        person.sentence("2026-11-25T11:00:00", "IT-RPO"),
        "the file of Registro pubblico delle opposizioni is of 2026-11-10 and may be used for 15 days, until 2026-11-25: \
         load a newer one as it-rpo"
    );
}

#[test]
fn it_rpo_registration_cancels_every_earlier_consent() {
    let mut person = by_shipped("+390612345678", "IT", None, &["Europe/Rome"]).with_register("it-rpo", "2026-11-20");
    let registered = by_rule(Registered, "IT-RPO", "");
    for (since, in_the_way) in [
        (Some("2026-10-01"), registered.clone()),
        (Some("2026-09-01"), registered.clone()),
        (None, registered),
        (Some("2026-08-31"), None),
    ] {
        person.hits = vec![RegisterHit { register: "it-rpo".to_owned(), since: since.map(date) }];
        assert_eq!(person.obstacle("2026-11-24T11:00:00"), in_the_way, "{since:?}");
    }
}

#[test]
fn it_hours_code_shortens_the_eve_of_a_holiday() {
    let person = by_shipped("+390612345678", "IT", None, &["Europe/Rome"]).with_register("it-rpo", "2026-12-01");
    // Monday 7 December is the eve of the Immaculate Conception.
    assert_eq!(person.obstacle("2026-12-07T09:30:00"), by_rule(OutsideHours, "IT-HOURS-CODE", "2026-12-07T10:00:00"));
    assert_eq!(person.check("2026-12-07T10:00:00").window.as_deref(), Some("10:00-19:00"));
    assert_eq!(person.obstacle("2026-12-07T19:00:00"), by_rule(OutsideHours, "IT-HOURS-CODE", "2026-12-09T09:00:00"));
}

#[test]
fn es_hours_sunday_is_closed_with_a_consent_too() {
    let person = by_shipped("+34911234567", "ES", None, &["Europe/Madrid"]).with_register("robinson", "2026-11-20");
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), None);
    assert_eq!(person.obstacle("2026-11-22T11:00:00"), by_rule(OutsideHours, "ES-HOURS", "2026-11-23T09:00:00"));
}

#[test]
fn nl_consent_of_customers_is_needed_from_1_july_2026() {
    let mut person = unsaid(by_shipped("+31201234567", "NL", None, &["Europe/Amsterdam"]));
    person.relationship = Relationship::Contract;
    assert_eq!(person.obstacle("2026-06-30T11:00:00"), None);
    let (kind, rule, until) = person.obstacle("2026-07-01T11:00:00").expect("in the way");
    assert_eq!((kind, until.as_str()), (NoConsent, ""), "{rule}");
    assert!(rule.starts_with("NL-CONSENT"), "{rule}");
}

#[test]
fn eu_epriv_13_auto_needs_consent_for_automated_calls_alone() {
    let mut person =
        unsaid(by_shipped("+3225551234", "BE", None, &["Europe/Brussels"])).with_register("be-dncm", "2026-11-20");
    assert_eq!(person.obstacle("2026-11-24T11:00:00"), None);
    for mode in [DialMode::Automated, DialMode::Prerecorded, DialMode::Any] {
        person.call.mode = mode;
        assert_eq!(person.obstacle("2026-11-24T11:00:00"), by_rule(NoConsent, "EU-EPRIV-13-AUTO", ""), "{mode}");
    }
}

#[test]
fn default_hours_hold_where_a_country_has_none() {
    let person = by_shipped("+48221234567", "PL", None, &["Europe/Warsaw"]);
    assert_eq!(person.obstacle("2026-11-24T20:00:00"), by_rule(OutsideHours, "DEFAULT-HOURS", "2026-11-25T09:00:00"));
    assert!(french().check("2026-11-24T11:00:00").rules.iter().all(|finding| finding.id != "DEFAULT-HOURS"));
}
