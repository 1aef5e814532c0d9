//! Leads that are held for longer, handed back and taken, through the API.

use serde_json::{Value, json};

use crate::site::Site;

async fn next(site: &Site, role: &str) -> Value {
    site.post(role, "/api/v1/next", &json!({})).await.expect(200)
}

fn path(lead: &Value, what: &str) -> String {
    format!("/api/v1/assignments/{}/{what}", lead["assignment"])
}

#[tokio::test]
async fn a_call_that_goes_on_keeps_its_lead() {
    let site = Site::calling().await;
    let lead = next(&site, "operator").await;
    let beat = json!({ "token": lead["token"] });
    let held = site.post("operator", &path(&lead, "heartbeat"), &beat).await.expect(200);
    assert_eq!((&held["assignment"], &held["lease_until"]), (&lead["assignment"], &lead["lease_until"]));
    assert_eq!(held["held_at_most"], "2026-11-24T11:00:00Z", "four leases of a quarter of an hour");

    let guessed = json!({ "token": "guessed" });
    site.post("operator", &path(&lead, "heartbeat"), &guessed).await.problem(404, "not-your-assignment");
    site.post("supervisor", &path(&lead, "heartbeat"), &beat).await.problem(404, "not-your-assignment");
    let on_behalf = json!({ "token": lead["token"], "operator": "operator" });
    site.post("supervisor", &path(&lead, "heartbeat"), &on_behalf).await.expect(200);
    site.post("operator", "/api/v1/assignments/999/heartbeat", &beat).await.problem(404, "not-your-assignment");

    let report = json!({ "token": lead["token"], "report": { "disposition": "no_answer" } });
    site.post("operator", &path(&lead, "outcome"), &report).await.expect(200);
    let problem = site.post("operator", &path(&lead, "heartbeat"), &beat).await.problem(409, "assignment-ended");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("its outcome was recorded")), "{problem}");
}

#[tokio::test]
async fn a_lead_is_handed_back_with_a_reason() {
    let site = Site::calling().await;
    let lead = next(&site, "operator").await;
    let long = "x".repeat(501);
    for reason in ["", "  ", long.as_str()] {
        let back = json!({ "token": lead["token"], "reason": reason });
        let problem = site.post("operator", &path(&lead, "return"), &back).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], "reason");
    }
    let back = json!({ "token": lead["token"], "reason": "my neighbour" });
    site.post("supervisor", &path(&lead, "return"), &back).await.problem(404, "not-your-assignment");
    let done = site.post("operator", &path(&lead, "return"), &back).await.expect(200);
    assert_eq!((&done["assignment"], &done["lead"]), (&lead["assignment"], &lead["lead"]));
    let again = site.post("operator", &path(&lead, "return"), &back).await.expect(200);
    assert_eq!(again, done, "a retry gets the same answer");
    site.get("operator", "/api/v1/assignment").await.problem(404, "not-found");

    let why = site.post("supervisor", "/api/v1/why", &json!({ "lead": lead["lead"] })).await.expect(200);
    let last = &why["leads"][0]["last_hand_out"];
    assert_eq!((&last["ending"], &last["ended_because"]), (&json!("returned"), &json!("my neighbour")));
    assert_eq!((&last["hand_backs"], &why["leads"][0]["standing"]), (&json!(1), &json!("callable")));

    let report = json!({ "token": lead["token"], "report": { "disposition": "no_answer" } });
    site.post("operator", &path(&lead, "outcome"), &report).await.problem(409, "late-outcome");
    assert_eq!(next(&site, "supervisor").await["lead"], lead["lead"], "it kept its place in the queue");
}

#[tokio::test]
async fn a_supervisor_takes_a_lead_and_hands_it_over() {
    let site = Site::calling().await;
    let lead = next(&site, "operator").await;
    let take = |to: Option<&str>| json!({ "reason": "gone home", "to": to });
    for wrong in ["nobody", "analyst"] {
        let problem = site.post("supervisor", &path(&lead, "take"), &take(Some(wrong))).await;
        assert_eq!(problem.problem(422, "invalid-fields")["problems"][0]["field"], "to", "{wrong}");
    }
    site.post("supervisor", &path(&lead, "take"), &json!({ "reason": " " })).await.problem(422, "invalid-fields");
    site.post("supervisor", "/api/v1/assignments/999/take", &take(None)).await.problem(404, "not-found");
    let own = site.post("supervisor", &path(&lead, "take"), &take(Some("operator"))).await.problem(409, "conflict");
    assert!(own["detail"].as_str().is_some_and(|detail| detail.contains("has this lead")), "{own}");

    let taken = site.post("supervisor", &path(&lead, "take"), &take(Some("supervisor"))).await.expect(200);
    assert_eq!((&taken["operator"], &taken["lead_state"]), (&json!("operator"), &json!("assigned")));
    assert_eq!(taken["handed_to"]["operator"], "supervisor");
    site.post("supervisor", &path(&lead, "take"), &take(None)).await.problem(409, "assignment-ended");
    let handed = next(&site, "supervisor").await;
    assert_eq!((&handed["lead"], &handed["why"]), (&lead["lead"], &json!("handed_over")));
    assert_eq!(handed["because"], "handed over from operator: gone home");
    assert_ne!(handed["token"], lead["token"]);

    let report = json!({ "token": lead["token"], "report": { "disposition": "no_answer" } });
    site.post("operator", &path(&lead, "outcome"), &report).await.problem(409, "late-outcome");
    let back = site.post("admin", &path(&handed, "take"), &take(None)).await.expect(200);
    assert_eq!((&back["lead_state"], &back["handed_to"]), (&json!("ready"), &Value::Null));
}
