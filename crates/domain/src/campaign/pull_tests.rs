//! Pulls that are read, checked and planned, and what is said of those that are wrong.

use super::tests::{CAMPAIGN, TARIFF, assert_only, folder, line_of, plan_in_words};
use super::{check_folder, read_definition};
use crate::Span;
use crate::list::ListSource;
use crate::pull::{Condition, PullFrom, Test};

/// Two pulls, one of each kind.
const PULLS: &str = r#"
[[pulls]]
name = "left-and-paying-much"
from = "clients"
where = [
  { field = "status", is = "left" },
  { field = "bill", over = "80", under = 120 },
  { field = "city", one_of = ["Lyon", "Nice"] },
  { refused = "price", before = 2026-06-01, campaign = "spring" },
]
every = "1d"
source = "existing"

[[pulls]]
name = "crm"
from = "database"
database = "crm"
query = """
-- customers of the shop
SELECT phone, first_name FROM customers
"""
source = "purchased"
vendor = "Data GmbH"
consent_basis = "opt-in form"
"#;

fn with_pulls(from: &str, to: &str) -> String {
    assert!(PULLS.contains(from), "{from:?} is not there");
    format!("{CAMPAIGN}{}", PULLS.replacen(from, to, 1))
}

#[test]
fn pulls_are_read_as_they_are_written() {
    let text = with_pulls("", "");
    let report = check_folder(&folder(&text, TARIFF, "Phone"));
    assert!(report.passed, "{:#?}", report.problems());
    let definition = read_definition("campaign.toml", &text).expect("a definition");
    let chosen = definition.pull("left-and-paying-much").expect("the pull");
    assert_eq!(
        (chosen.every, chosen.source, chosen.from.as_str()),
        (Some(Span::days(1)), ListSource::Existing, "clients")
    );
    let PullFrom::Clients(conditions) = &chosen.from else { panic!("from clients") };
    let tests = vec![Test::Over("80".into()), Test::Under("120".into())];
    assert_eq!(conditions[1], Condition::Field { field: "bill".into(), tests });
    let refused = Condition::Refused {
        reason: "price".into(),
        campaign: Some("spring".into()),
        after: None,
        before: Some("2026-06-01".parse().expect("a day")),
    };
    assert_eq!((conditions.len(), &conditions[3]), (4, &refused));
    let crm = definition.pull("crm").expect("the pull");
    assert_eq!((crm.every, crm.vendor.as_deref()), (None, Some("Data GmbH")));
    assert!(
        matches!(&crm.from, PullFrom::Database { database, query } if database == "crm" && query.contains("SELECT"))
    );
    let stored = serde_json::to_string(&definition).expect("json");
    assert_eq!(serde_json::from_str::<crate::definition::Definition>(&stored).expect("read back"), definition);
}

#[test]
fn a_definition_stored_before_there_were_pulls_has_none() {
    let definition = read_definition("campaign.toml", CAMPAIGN).expect("a definition");
    let mut stored = serde_json::to_value(&definition).expect("json");
    stored.as_object_mut().expect("an object").remove("pulls").expect("it was there");
    assert_eq!(serde_json::from_value::<crate::definition::Definition>(stored).expect("read back"), definition);
}

/// What is broken, what with, the check that must find it, the text on whose line, and what must be said.
#[test]
fn every_fault_of_a_pull_is_found_where_it_stands() {
    #[rustfmt::skip]
    let faults = [
        ("name = \"crm\"", "name = \"C R M\"", "names-well-formed", "\"C R M\"", "short name"),
        ("name = \"crm\"", "name = \"left-and-paying-much\"", "codes-unique", "name = \"left-and-paying-much\"\nfrom = \"data", "stands on line"),
        ("from = \"database\"", "from = \"databse\"", "values-valid", "databse", "did you mean `database`?"),
        ("from = \"database\"\n", "", "required-keys", "[[pulls]]\nname = \"crm\"", "from = \"clients\""),
        ("database = \"crm\"\n", "", "required-keys", "[[pulls]]\nname = \"crm\"", "database = \"crm\""),
        ("database = \"crm\"", "database = \"postgres://u:p@h/d\"", "names-well-formed", "postgres://", "short name"),
        ("SELECT phone, first_name FROM customers", "DELETE FROM customers", "values-valid", "query = ", "begin with SELECT"),
        ("every = \"1d\"", "every = \"1s\"", "values-valid", "every = \"1s\"", "60s to 366d"),
        ("every = \"1d\"\nsource = \"existing\"", "every = \"1d\"", "required-keys", "[[pulls]]\nname = \"left", "source = \"existing\""),
        ("source = \"existing\"", "source = \"bought\"", "values-valid", "\"bought\"", "purchased"),
        ("consent_basis = \"opt-in form\"\n", "", "pulls-declared", "source = \"purchased\"", "a consent basis"),
        ("database = \"crm\"", "database = \"crm\"\nwhere = []", "known-keys", "where = []", "clients"),
        ("every = \"1d\"", "every = \"1d\"\nquery = \"SELECT 1\"", "known-keys", "query = \"SELECT 1\"", "database"),
        ("{ field = \"status\", is = \"left\" }", "{ field = \"status\" }", "values-valid", "\"status\"", "has no test"),
        ("{ field = \"status\", is = \"left\" }", "{ is = \"left\" }", "required-keys", "{ is = ", "field"),
        ("{ field = \"status\", is = \"left\" }", "{ field = \"status\", isnt = \"left\", is = \"x\" }", "known-keys", "isnt", "is_not"),
        ("{ field = \"status\", is = \"left\" }", "{ field = \"status\", is = 1.5 }", "value-types", "1.5", "in quotes"),
        ("{ field = \"status\", is = \"left\" }", "{ field = \"status\", is = \"x\", before = 2026-01-01 }", "known-keys", "before = 2026-01-01", "refused"),
        ("one_of = [\"Lyon\", \"Nice\"]", "one_of = []", "values-valid", "one_of = []", "at least one"),
        ("before = 2026-06-01", "before = \"June\"", "values-valid", "June", "2026-11-23"),
        ("before = 2026-06-01", "is = \"x\"", "known-keys", "refused = ", "belong to `field`"),
        ("{ refused = \"price\"", "{ field = \"city\", refused = \"price\"", "values-valid", "field = \"city\", refused", "two conditions"),
        ("over = \"80\"", "over = \"eighty\"", "pull-conditions-fit", "eighty", "holds a number"),
        ("{ field = \"city\", one_of = [\"Lyon\", \"Nice\"] }", "{ field = \"city\", over = \"3\" }", "pull-conditions-fit", "over = \"3\"", "no order"),
        ("{ field = \"status\", is = \"left\" }", "{ field = \"phone\", is = \"x\" }", "pull-conditions-fit", "\"phone\", is", "number"),
        ("{ field = \"status\", is = \"left\" }", "{ field = \"age\", over = \"old\" }", "pull-conditions-fit", "\"age\"", "neither"),
        ("campaign = \"spring\"", "campaign = \"winback\"", "pull-conditions-fit", "\"price\", before", "already"),
        ("before = 2026-06-01", "before = 2026-06-01, after = 2026-07-01", "pull-conditions-fit", "after = 2026", "nobody"),
    ];
    for (from, to, check, at, says) in faults {
        let campaign = with_pulls(from, to);
        assert_only(&check_folder(&folder(&campaign, TARIFF, "Phone")), check, line_of(&campaign, at), says);
    }
}

#[test]
fn a_plan_tells_pulls() {
    let all = with_pulls("", "");
    let added = plan_in_words(Some(CAMPAIGN), &all);
    assert_eq!(
        added,
        [
            "pull `left-and-paying-much` added: from clients; where status is \"left\" and bill is over 80 and is under 120 \
             and city is one of \"Lyon\", \"Nice\" and refused over price in spring before 2026-06-01; every 1d; source existing",
            "pull `crm` added: from database crm; query -- customers of the shop\nSELECT phone, first_name FROM customers\n; \
             every on request only; source purchased; vendor Data GmbH; consent basis opt-in form",
        ]
    );
    let slower = with_pulls("every = \"1d\"", "every = \"2d\"");
    assert_eq!(plan_in_words(Some(&all), &slower), ["pull `left-and-paying-much` every: 1d → 2d"]);
}
