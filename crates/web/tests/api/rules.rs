//! The calling rules, and what they say of calls that are imagined.

use serde_json::{Value, json};

use crate::site::Site;

/// A French mobile number, called on a Tuesday.
fn in_france(at: &str) -> Value {
    json!({ "phone": "+33612345678", "at": at })
}

fn with(mut call: Value, more: Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    call.as_object_mut().expect("an object").extend(more);
    call
}

async fn test(call: Value) -> Value {
    Site::new().await.post("analyst", "/api/v1/rules/test", &call).await.expect(200)
}

fn obstacle(tested: &Value) -> (&str, &str) {
    let text = |key: &str| tested["obstacle"][key].as_str().unwrap_or_default();
    (text("kind"), text("rule"))
}

fn finding<'t>(tested: &'t Value, id: &str) -> &'t Value {
    let rules = tested["rules"].as_array().expect("rules");
    rules.iter().find(|rule| rule["id"] == id).unwrap_or_else(|| panic!("{id} is not among {rules:?}"))
}

#[tokio::test]
async fn rules_are_listed_by_place_kind_and_evidence() {
    let site = Site::new().await;
    let all = site.get("analyst", "/api/v1/rules").await.expect(200);
    let rules = all["rules"].as_array().expect("rules");
    assert_eq!(json!(rules.len()), all["pack"]["rules"]);
    assert_eq!(all["pack"]["version"], site.engine.rules().version());

    let ids = |list: &Value| -> Vec<String> {
        let rules = list["rules"].as_array().expect("rules").iter();
        rules.map(|rule| rule["id"].as_str().expect("an id").to_owned()).collect()
    };
    let french = site.get("analyst", "/api/v1/rules?in=fr&kind=hours").await.expect(200);
    assert_eq!(ids(&french), ["FR-HOURS"]);
    let french = ids(&site.get("analyst", "/api/v1/rules?in=FR").await.expect(200));
    assert!(french.contains(&"EU-GDPR-21-OBJECT".to_owned()) && !french.contains(&"DEFAULT-HOURS".to_owned()));
    let of_the_eu = ids(&site.get("analyst", "/api/v1/rules?in=EU&kind=hours").await.expect(200));
    assert_eq!(of_the_eu, ["DEFAULT-HOURS"]);
    let unverified = site.get("analyst", "/api/v1/rules?unverified=true").await.expect(200);
    assert_eq!(json!(ids(&unverified).len()), all["pack"]["unverified"]);

    let problem = site.get("analyst", "/api/v1/rules?in=XX").await.problem(422, "invalid-fields");
    assert!(problem["problems"][0]["message"].as_str().is_some_and(|text| text.contains("FR, GB")), "{problem}");
    site.get("analyst", "/api/v1/rules?kind=tea").await.problem(400, "invalid-request");
}

#[tokio::test]
async fn one_rule_is_told_in_words_with_its_source() {
    let site = Site::new().await;
    let rule = site.get("analyst", "/api/v1/rules/FR-CAP-4-30").await.expect(200);
    assert_eq!(rule["demands"], json!(["at most 4 tries within 30 days, counted per person and seller"]));
    assert_eq!((&rule["in"], &rule["decides"], &rule["verified"]), (&json!("FR"), &json!(true), &json!(true)));
    assert_eq!((&rule["figures"]["window"], &rule["from"]), (&json!("P30D"), &json!("2023-03-01")));
    assert!(rule["source"].as_str().is_some_and(|source| source.contains("D.223-9")), "{rule}");
    site.get("analyst", "/api/v1/rules/NO-SUCH").await.problem(404, "not-found");
}

#[tokio::test]
async fn nobody_in_france_is_called_at_lunch() {
    let consented = json!({ "consent": "proven", "consent_on": "2026-09-01" });
    let lunch = test(with(in_france("2026-11-24T13:00"), consented.clone())).await;
    assert_eq!(lunch["callable"], false);
    assert_eq!(obstacle(&lunch), ("outside_hours", "FR-HOURS"));
    assert_eq!(lunch["at"], "2026-11-24T12:00:00Z", "a time without zone is the person's own");
    assert_eq!(lunch["callable_from"], "2026-11-24T13:00:00Z");
    assert_eq!(lunch["callable_from_local"], "Tuesday 2026-11-24 14:00");
    assert!(!lunch.to_string().contains("612345678"), "{lunch}");
    let waived = with(consented, json!({ "hours_waiver": true }));
    assert_eq!(test(with(in_france("2026-11-24T13:00"), waived)).await["callable"], true);
}

#[tokio::test]
async fn since_11_august_2026_france_asks_for_consent_or_a_contract() {
    let unsaid = test(in_france("2026-11-24T15:00")).await;
    assert_eq!(obstacle(&unsaid), ("no_consent", "FR-CONSENT-OPTIN"));
    assert_eq!(unsaid["callable_from"], Value::Null);
    let contract = test(with(in_france("2026-11-24T15:00"), json!({ "relationship": "contract" }))).await;
    assert_eq!(contract["callable"], true, "{contract}");
    assert_eq!((&contract["place"], &contract["window"]), (&json!("FR"), &json!("14:00-20:00")));
    // The day before, the register was asked instead.
    let before = test(in_france("2026-08-10T15:00")).await;
    assert_eq!(before["callable"], true, "{before}");
    assert!(before["assumptions"].to_string().contains("bloctel"), "{before}");
    let stale = with(in_france("2026-08-10T15:00"), json!({ "registers": { "bloctel": "2026-06-01" } }));
    assert_eq!(obstacle(&test(stale).await), ("register_too_old", "FR-DNC-BLOCTEL"));
}

#[tokio::test]
async fn hours_are_those_of_the_person_and_not_of_paris() {
    let reunion = |at: &str| json!({ "phone": "+262262161234", "at": at, "relationship": "contract" });
    let noon = test(reunion("2026-11-24T12:00[Europe/Paris]")).await;
    assert_eq!((&noon["callable"], &noon["place"]), (&json!(true), &json!("FR")));
    assert_eq!(noon["local_times"][0]["local_time"], "Tuesday 2026-11-24 15:00");
    assert_eq!(
        (&noon["local_times"][0]["time_zone"], &noon["zones_from"]),
        (&json!("Indian/Reunion"), &json!("number"))
    );
    let morning = test(reunion("2026-11-24T10:30[Europe/Paris]")).await;
    assert_eq!(obstacle(&morning), ("outside_hours", "FR-HOURS"), "at lunch on the island");
}

#[tokio::test]
async fn a_number_of_nowhere_is_not_called() {
    let tested = test(json!({ "phone": "+18002345678", "at": "2026-11-24T13:00" })).await;
    assert_eq!(obstacle(&tested), ("no_jurisdiction", ""));
    assert_eq!((&tested["place"], &tested["callable_from"]), (&json!(""), &Value::Null));
}

#[tokio::test]
async fn every_zone_that_the_number_may_be_answered_in_must_be_open() {
    let spain =
        |at: &str| json!({ "phone": "+34612345678", "at": at, "consent": "proven", "consent_on": "2026-09-01" });
    let early = test(spain("2026-11-24T08:30:00Z")).await;
    assert_eq!(obstacle(&early), ("outside_hours", "ES-HOURS"), "it is 08:30 on the Canaries");
    assert_eq!(early["callable_from"], "2026-11-24T09:00:00Z");
    assert_eq!(early["local_times"].as_array().map(Vec::len), Some(2));
    let problem = Site::new().await.post("analyst", "/api/v1/rules/test", &spain("2026-11-24T09:30")).await;
    let problem = problem.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "at");
    assert!(problem.to_string().contains("Atlantic/Canary, Europe/Madrid"), "{problem}");
    let given = with(spain("2026-11-24T09:30"), json!({ "time_zone": "Europe/Madrid" }));
    assert_eq!(test(given).await["callable"], true);
}

#[tokio::test]
async fn tries_and_refusals_are_counted() {
    let contract = with(in_france("2026-11-24T15:00"), json!({ "relationship": "contract" }));
    let tried: Vec<String> = (1..=4).map(|day| format!("2026-11-{day:02}T11:00")).collect();
    let full = test(with(contract.clone(), json!({ "tried_at": tried }))).await;
    assert_eq!(obstacle(&full), ("attempt_cap", "FR-CAP-4-30"));
    assert_eq!(finding(&full, "FR-CAP-4-30")["used"], json!({ "used": 4, "max": 4 }));
    assert_eq!(full["callable_from_local"], "Tuesday 2026-12-01 11:00");
    let refused = test(with(contract.clone(), json!({ "refused_at": "2026-11-20T10:00" }))).await;
    assert_eq!(obstacle(&refused), ("cool_down", "FR-COOLDOWN-60"));
    assert_eq!(refused["callable_from_local"], "Wednesday 2027-01-20 10:00");
    let problem = with(contract, json!({ "tried_at": ["2026-11-01T11:00", "soon"] }));
    let problem =
        Site::new().await.post("analyst", "/api/v1/rules/test", &problem).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "tried_at[1]");
}

#[tokio::test]
async fn registers_that_are_taken_as_fresh_stay_so_while_a_call_waits() {
    // A refusal holds for 60 days, and a file of Bloctel, while there was one, for a month.
    let call = with(in_france("2026-03-03T15:00"), json!({ "refused_at": "2026-03-02T15:00" }));
    let refused = test(call.clone()).await;
    assert_eq!(obstacle(&refused), ("cool_down", "FR-COOLDOWN-60"), "{refused}");
    assert_eq!(refused["callable_from_local"], "Monday 2026-05-04 10:00");
    let never_a_newer_file = json!({ "registers": { "bloctel": "2026-03-03" } });
    assert_ne!(test(with(call, never_a_newer_file)).await["callable_from_local"], "Monday 2026-05-04 10:00");
}

#[tokio::test]
async fn wrong_questions_are_told_what_is_wrong() {
    let site = Site::new().await;
    for (call, field) in [
        (json!({ "phone": "01 99 00 12 34" }), "phone"),
        (json!({ "phone": "+33612345678", "country": "France" }), "country"),
        (json!({ "phone": "+33612345678", "consent": "written" }), "consent_on"),
        (json!({ "phone": "+33612345678", "at": "lunch" }), "at"),
    ] {
        let problem = site.post("analyst", "/api/v1/rules/test", &call).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], field);
        assert!(!problem.to_string().contains("612345678"), "{problem}");
    }
    for call in
        [json!({ "phone": "+33612345678", "colour": "red" }), json!({ "phone": "+33612345678", "mode": "loud" })]
    {
        site.post("analyst", "/api/v1/rules/test", &call).await.problem(400, "invalid-request");
    }
}
