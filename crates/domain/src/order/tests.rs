//! The form as a whole: what is asked with which tariff, what fits, and what is said where something does not.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::Money;
use crate::campaign::read_definition;
use crate::definition::FeatureValue;

/// A campaign whose form has a field of most kinds and a check of each sort.
fn definition() -> &'static Definition {
    static DEFINITION: LazyLock<Definition> = LazyLock::new(read);
    &DEFINITION
}

fn read() -> Definition {
    let text = format!("{}{}", crate::campaign::SMALL_CAMPAIGN, include_str!("tests/order.toml"));
    read_definition("campaign.toml", &text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn today() -> Date {
    "2026-11-24".parse().expect("a date")
}

fn complete() -> OrderReport {
    let fields = [
        ("plan", "monthly"),
        ("contact_by", "E-mail"),
        ("email", "anna@Example.com"),
        ("born", "1980-02-29"),
        ("from", "2026-12-01"),
        ("until", "2027-12-01"),
        ("down_payment", "50"),
        ("bill", "80"),
    ];
    OrderReport {
        tariff: "fibre-25".into(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        appointment: Some(AppointmentReport {
            date: "2026-11-26".parse().ok(),
            window: "08:00-12:00".into(),
            materials: vec!["router".into()],
            amount_due: None,
        }),
        told: vec!["never_cash".into(), "be_at_home".into()],
        account: Some("1234 5678".into()),
    }
}

fn checked(report: &OrderReport, features: &Features) -> Result<OrderForm, Vec<FieldProblem>> {
    let client = BTreeMap::from([("last_name".to_owned(), "Miller".to_owned())]);
    let occasion = Occasion { tariff: "fibre-25", features, client: &client, today: today(), visits_from: today() };
    check(report, definition(), occasion)
}

#[test]
fn a_complete_form_is_kept_in_canonical_text() {
    let form = checked(&complete(), &Features::new()).expect("complete");
    assert_eq!((form.fields["plan"].as_str(), form.fields["email"].as_str()), ("Monthly", "anna@example.com"));
    assert_eq!(form.fields["last_name"], "Miller", "filled from the client");
    assert_eq!(form.told, ["be_at_home", "never_cash"], "in the campaign's order");
    assert_eq!(form.account.as_deref(), Some("1234-5678"));
    let visit = form.appointment.expect("a visit");
    assert_eq!(visit.materials, ["Router"]);
    assert_eq!(visit.amount_due, Some(Money { minor: 2_900, currency: "USD".parse().expect("a currency") }));
}

/// What is changed of a complete form, and where a problem must be with what it says.
type Fault = (fn(&mut OrderReport), &'static str, &'static str);

#[test]
fn every_fault_is_found_where_it_is() {
    fn set(report: &mut OrderReport, name: &str, value: &str) {
        report.fields.insert(name.into(), value.into());
    }
    fn visit(report: &mut OrderReport) -> &mut AppointmentReport {
        report.appointment.as_mut().expect("a visit")
    }
    let faults: [Fault; 22] = [
        (|r| set(r, "colour", "red"), "order.fields.colour", "not on this campaign's order form"),
        (|r| drop(r.fields.remove("plan")), "order.fields.plan", "Plan must be filled in"),
        (|r| set(r, "bill", "cheap"), "order.fields.bill", "not an amount"),
        (|r| drop(r.fields.remove("email")), "order.fields.email", "when `contact_by` is E-mail"),
        (|r| set(r, "born", "2010-01-01"), "order.fields.born", "must be of age"),
        (|r| set(r, "from", "2026-11-24"), "order.fields.from", "after the day of the call"),
        (|r| set(r, "until", "2026-12-01"), "order.fields.until", "must be after `from`"),
        (|r| set(r, "down_payment", "80.01"), "order.fields.down_payment", "at most `bill`"),
        (
            |r| {
                set(r, "bill", "49.99");
                set(r, "down_payment", "1");
            },
            "order.fields.bill",
            "at least 50",
        ),
        (|r| set(r, "box", "Large"), "order.fields.box", "is not asked with tariff"),
        (|r| r.appointment = None, "order.appointment", "needs a date"),
        (|r| visit(r).date = "2026-11-25".parse().ok(), "order.appointment.date", "from 2026-11-26 to 2026-12-24"),
        (|r| visit(r).date = "2026-12-25".parse().ok(), "order.appointment.date", "2026-12-24"),
        (|r| visit(r).date = None, "order.appointment.date", "is missing"),
        (|r| visit(r).window = "20:00-22:00".into(), "order.appointment.window", "use 08:00-12:00"),
        (|r| visit(r).materials = vec!["Piano".into()], "order.appointment.materials", "Router"),
        (|r| visit(r).amount_due = Some("-1".into()), "order.appointment.amount_due", "less than nothing"),
        (|r| drop(r.told.pop()), "order.told", "lacks be_at_home"),
        (|r| r.told.push("a_joke".into()), "order.told", "use be_at_home, never_cash"),
        (|r| r.account = None, "order.account", "must be filled in"),
        (|r| r.account = Some("123".into()), "order.account", "9999-9999"),
        (|r| set(r, "plan", "weekly"), "order.fields.plan", "Monthly, Yearly"),
    ];
    for (change, field, says) in faults {
        let mut report = complete();
        change(&mut report);
        let problems = checked(&report, &Features::new()).expect_err(field);
        let found = problems.len() == 1 && problems[0].field == field && problems[0].message.contains(says);
        assert!(found, "{field}, {says}: {problems:#?}");
    }
}

#[test]
fn a_part_appears_with_its_tariffs() {
    let with_tv = Features::from([("tv".to_owned(), FeatureValue::Has(true))]);
    let problems = checked(&complete(), &with_tv).expect_err("more is asked");
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["order.fields.box", "order.told"]);
    let mut report = complete();
    report.fields.insert("box".into(), "Large".into());
    report.told.push("tv_box".into());
    assert_eq!(checked(&report, &with_tv).expect("complete").fields["box"], "Large");
    // With no visit nobody may come.
    let client = BTreeMap::new();
    let occasion =
        Occasion { tariff: "other", features: &Features::new(), client: &client, today: today(), visits_from: today() };
    report.fields.insert("last_name".into(), "Miller".into());
    let problems = check(&report, definition(), occasion).expect_err("no visit");
    assert!(problems.iter().any(|problem| problem.field == "order.appointment"), "{problems:#?}");
}

#[test]
fn a_draft_may_lack_anything_but_not_hold_what_has_no_place() {
    let definition = definition();
    let draft = |fields: &[(&str, &str)]| OrderReport {
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..OrderReport::default()
    };
    assert_eq!(check_draft(&draft(&[("email", "half@"), ("born", "19")]), definition), Ok(()));
    let problems = check_draft(&draft(&[("colour", "red"), ("email", &"x".repeat(1_001))]), definition);
    let fields: Vec<String> = problems.expect_err("problems").into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["order.fields.colour", "order.fields.email"]);
}

proptest! {
    /// Whatever is typed: no panic, a draft that is refused is no form either, and what is taken is canonical.
    #[test]
    fn what_is_taken_is_taken_again(name in "[a-z_]{1,9}|plan|bill|born|email|until", value in "\\PC{0,20}|[0-9.,-]{1,12}") {
        let mut report = complete();
        report.fields.insert(name, value);
        match checked(&report, &Features::new()) {
            Ok(form) => {
                prop_assert!(check_draft(&report, definition()).is_ok());
                let again = OrderReport { fields: form.fields.clone(), ..report };
                prop_assert_eq!(checked(&again, &Features::new()), Ok(form));
            }
            Err(problems) => prop_assert!(problems.iter().all(|problem| problem.field.starts_with("order."))),
        }
    }

    /// A check between two fields says what their values say, and nothing where one is missing.
    #[test]
    fn a_check_is_what_its_values_say(from in 0_i64..2_000, until in proptest::option::of(0_i64..2_000)) {
        let day = |days: i64| today().saturating_add(jiff::ToSpan::days(days)).to_string();
        let mut report = complete();
        report.fields.insert("from".into(), day(from));
        report.fields.remove("until");
        if let Some(until) = until {
            report.fields.insert("until".into(), day(until));
        }
        let holds = from > 0 && until.is_none_or(|until| until > from);
        prop_assert_eq!(checked(&report, &Features::new()).is_ok(), holds);
    }
}

#[test]
fn a_correction_tells_what_was_there_before() {
    let (definition, features, client) = (definition(), Features::new(), BTreeMap::new());
    let form = checked(&complete(), &features).expect("complete");
    let later = today().saturating_add(jiff::ToSpan::days(60));
    let occasion = |visits_from| Occasion {
        tariff: "fibre-25",
        features: &features,
        client: &client,
        today: today(),
        visits_from,
    };
    let change = |fields: &[(&str, &str)]| Correction {
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Correction::default()
    };
    // The visit stays, though it is over by now.
    let (corrected, changes) =
        correct(&form, &change(&[("last_name", "Milner"), ("until", "")]), definition, occasion(later)).expect("right");
    let said: Vec<_> = changes.iter().map(|c| (c.what.as_str(), c.before.as_deref(), c.after.as_deref())).collect();
    assert_eq!(
        said,
        [("fields.last_name", Some("Miller"), Some("Milner")), ("fields.until", Some("2027-12-01"), None)]
    );
    assert_eq!((corrected.account, corrected.appointment), (form.account.clone(), form.appointment.clone()));
    let visit = |date: &str| Correction {
        appointment: Some(AppointmentReport {
            date: date.parse().ok(),
            window: "13:00-17:00".into(),
            ..AppointmentReport::default()
        }),
        ..Correction::default()
    };
    let problems = correct(&form, &visit("2026-11-27"), definition, occasion(later)).expect_err("over by now");
    assert_eq!(problems[0].field, "order.appointment.date");
    let (moved, changes) = correct(&form, &visit("2027-01-27"), definition, occasion(later)).expect("right");
    let what: Vec<_> = changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(what, ["appointment.date", "appointment.window"], "what the technician brings stays");
    let mut without = visit("2027-01-27");
    without.appointment.as_mut().expect("a visit").materials = vec![String::new()];
    // The day stays, though it could not be agreed any more.
    let past = later.saturating_add(jiff::ToSpan::days(60));
    let (_, changes) = correct(&moved, &without, definition, occasion(past)).expect("right");
    assert_eq!(changes[0].what, "appointment.materials");
    assert_eq!(changes[0].after, None);
    // Once it was moved, it stays where it is.
    let (after, _) = correct(&moved, &change(&[("last_name", "Milner")]), definition, occasion(later)).expect("right");
    assert_eq!(after.appointment, moved.appointment);
    for (wrong, field) in [(change(&[("plan", "")]), "order.fields.plan"), (change(&[("plan", "Monthly")]), "order")] {
        assert_eq!(correct(&form, &wrong, definition, occasion(later)).expect_err(field)[0].field, field);
    }
}
