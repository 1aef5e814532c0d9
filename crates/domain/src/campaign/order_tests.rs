//! What a campaign says of its orders: read as it is written, and every fault found where it stands.

use super::tests::{CAMPAIGN, TARIFF, assert_only, folder, line_of};
use super::{check_folder, plan, read_definition};
use crate::Span;
use crate::definition::{AccountFrom, FieldKind, OnlyFor, OrderTerms};
use crate::order::state::OrderEventKind;

const ORDER: &str = include_str!("../order/tests/order.toml");

fn whole() -> String {
    format!("{CAMPAIGN}{ORDER}")
}

#[test]
fn reads_what_is_written() {
    let whole = whole();
    let report = check_folder(&folder(&whole, TARIFF, "Phone"));
    assert!(report.passed, "{:#?}", report.problems());
    let definition = read_definition("campaign.toml", &whole).expect("a definition");
    let order = &definition.order;
    assert_eq!(order.number.to_string(), "T-{year}-{n:04}");
    assert_eq!(order.checks.len(), 6);
    assert_eq!(
        order.account.as_ref().map(|account| &account.from),
        Some(&AccountFrom::Entered(vec!["9999-9999".into()]))
    );
    assert_eq!(order.cancel_reason("changed_mind").expect("a reason").reopens_after, Some(Span::days(30)));
    assert!(order.cancel_reason("withdrew").expect("a reason").withdrawal);
    let hook = &order.webhooks[0];
    assert_eq!(
        (hook.on.as_slice(), hook.give_up_after),
        ([OrderEventKind::Verified, OrderEventKind::Cancelled].as_slice(), Span::days(2))
    );
    let visit = order.appointment.as_ref().expect("a visit");
    assert_eq!(visit.only_for, Some(OnlyFor::Tariffs(vec!["fibre-25".into()])));
    let stored = serde_json::to_string(&definition).expect("json");
    assert_eq!(serde_json::from_str(&stored).ok(), Some(definition.clone()));
    assert!(plan(Some(&definition), &definition).is_empty());
    let plain = read_definition("campaign.toml", CAMPAIGN).expect("a definition");
    let changes: Vec<String> = plan(Some(&plain), &definition).iter().map(ToString::to_string).collect();
    assert!(changes.iter().any(|change| change == "order numbers: {n:06} → T-{year}-{n:04}"), "{changes:#?}");
    assert!(changes.iter().any(|change| change.contains("check that `until` is after `from`")), "{changes:#?}");
}

/// A definition that was stored before orders had terms.
#[test]
fn a_definition_without_terms_has_the_usual_ones() {
    let definition = read_definition("campaign.toml", CAMPAIGN).expect("a definition");
    let mut stored = serde_json::to_value(&definition).expect("json");
    assert!(stored.as_object_mut().expect("an object").remove("order").is_some());
    for field in stored["order_form"].as_array_mut().expect("a list") {
        field.as_object_mut().expect("an object").remove("only_for");
    }
    let read: crate::definition::Definition = serde_json::from_value(stored).expect("a definition");
    assert_eq!((read.order.clone(), &read), (OrderTerms::default(), &definition));
    assert!(matches!(read.order_form[0].kind, FieldKind::Choice(_)));
}

/// What is broken, what with, the check that must find it, the text on whose line, and what must be said.
#[test]
fn every_fault_is_found_where_it_stands() {
    #[rustfmt::skip]
    let faults = [
        ("number = \"T-{year}-{n:04}\"", "number = \"T-{year}\"", "values-valid", "number = \"T-", "no {n}"),
        ("kind = \"email\"", "kind = \"e-mail\"", "values-valid", "kind = \"e-mail\"", "did you mean `email`?"),
        ("kind = \"email\"", "kind = \"identity\"", "required-keys", "[[order_form]]\nname = \"email\"", "forms = "),
        ("kind = \"email\"", "kind = \"email\"\nforms = [\"9\"]", "known-keys", "forms = [\"9\"]", "\"identity\""),
        ("entered = [\"9999-9999\"]", "entered = [\"----\"]", "values-valid", "entered = ", "write 9 for a digit"),
        ("entered = [\"9999-9999\"]\n", "", "required-keys", "[order.account]", "generated"),
        ("after = \"from\"", "after = \"form\"", "order-checks-fit", "after = \"form\"", "did you mean `from`?"),
        ("{ field = \"until\", after", "{ field = \"untill\", after", "order-checks-fit", "\"untill\"", "did you mean `until`?"),
        ("after = \"from\"", "after = \"bill\"", "order-checks-fit", "after = \"bill\"", "a date and `bill` an amount"),
        ("after = \"from\"", "after = \"until\"", "order-checks-fit", "after = \"until\"", "with itself"),
        ("at_most = \"bill\"", "before = \"bill\"", "order-checks-fit", "before = \"bill\"", "use at_least or at_most"),
        ("{ field = \"email\", required_when", "{ field = \"email\", at_least = \"born\" },\n{ field = \"email\", required_when", "order-checks-fit", "at_least = \"born\"", "neither more nor less"),
        ("is = \"E-mail\"", "is = \"Fax\"", "order-checks-fit", "is = \"Fax\"", "can never be in `contact_by`"),
        ("{ value = \"50\" }", "{ value = \"much\" }", "order-checks-fit", "\"much\"", "not an amount"),
        ("after = \"today\"", "after = \"today\", before = \"until\"", "required-keys", "before = \"until\"", "several things"),
        ("{ field = \"from\", after = \"today\" }", "{ field = \"from\" }", "required-keys", "{ field = \"from\" }", "nothing that must hold"),
        ("only_for = { feature = \"tv\" }", "only_for = { feature = \"tvv\" }", "order-parts-appear", "\"tvv\"", "did you mean `tv`?"),
        ("only_for = { feature = \"tv\" }", "only_for = { feature = \"tv\", at_least = 2 }", "order-parts-appear", "at_least = 2", "there or not"),
        ("tariffs = [\"fibre-25\"]", "tariffs = [\"fibre-52\"]", "order-parts-appear", "fibre-52", "did you mean `fibre-25`?"),
        ("earliest_days = 2", "earliest_days = 31", "values-valid", "[order.appointment]", "comes after the last"),
        ("earliest_days = 2", "earliest_days = \"2\"", "value-types", "earliest_days = \"2\"", "without quotes"),
        ("\"13:00-17:00\"]", "\"17:00-13:00\"]", "values-valid", "windows = [", "17:00-13:00"),
        ("amount_due = \"29.00\"", "amount_due = \"-1\"", "prices-not-negative", "amount_due", "less than nothing"),
        ("code = \"never_cash\"", "code = \"be_at_home\"", "codes-unique", "code = \"be_at_home\"\nlabel = \"Never", "already"),
        ("reopens = { after = \"30d\" }", "reopens = \"30d\"", "value-types", "reopens = ", "a table"),
        ("on = [\"verified\", \"cancelled\"]", "on = [\"verifyed\"]", "values-valid", "on = [\"verifyed", "did you mean `verified`?"),
        ("give_up_after = \"2d\"", "give_up_after = \"2\"", "values-valid", "give_up_after", "length of time"),
        ("[order.account]", "[order.withdrawal]\nbegins_at_once = \"email\"\n\n[order.account]", "withdrawal-known", "begins_at_once", "yes or no"),
        ("[order.account]", "[order.withdrawal]\ndays = 14\n\n[order.account]", "required-keys", "[order.withdrawal]", "source"),
        ("country = \"US\"", "country = \"KZ\"", "withdrawal-known", "[order]", "how long clients in KZ may withdraw"),
    ];
    for (from, to, check, at, says) in faults {
        let whole = whole();
        assert!(whole.contains(from), "{from:?} is not there");
        let broken = whole.replacen(from, to, 1);
        assert_only(&check_folder(&folder(&broken, TARIFF, "Phone")), check, line_of(&broken, at), says);
    }
    let bare = format!("{CAMPAIGN}\n[order]\nnumber = \"{{n}}\"\n");
    let report = check_folder(&folder(&bare, TARIFF, "Phone"));
    assert_only(&report, "orders-cancellable", line_of(&bare, "[order]"), "cancel_reasons");
}
