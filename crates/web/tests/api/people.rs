//! Registers and clients through the API.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

use crate::site::Site;

const BLOCTEL: &str = "/api/v1/suppressions/registers/bloctel?country=FR&as_of=";

#[tokio::test]
async fn a_register_replaces_its_older_file() {
    let site = Site::calling().await;
    // The second row has a number though its date is none; the last has no number.
    let file = "Téléphone;date\n01 99 00 12 50;2026-01-01\n0199001251;x\n01 99 00 12 50;\nabc;\n";
    let loaded = site.upload(&format!("{BLOCTEL}2026-01-02"), file).await.expect(200);
    assert_eq!((&loaded["register"]["numbers"], &loaded["replaced"]), (&json!(2), &json!(null)), "{loaded}");
    assert_eq!((&loaded["rows_read"], &loaded["duplicates"], &loaded["rejected"]), (&json!(4), &json!(1), &json!(1)));
    assert_eq!(loaded["rejects"][0]["examples"][0]["line"], 5);
    let why = site.post("manager", "/api/v1/why", &json!({ "phone": "+33199001250" })).await.expect(200);
    assert_eq!((&why["leads"], &why["suppressions"][0]["register"]), (&json!([]), &json!("bloctel")));
    assert_eq!(why["suppressions"][0]["as_of"], "2026-01-02");
    let older = site.upload(&format!("{BLOCTEL}2026-01-01"), file).await.problem(409, "conflict");
    assert!(older["detail"].as_str().is_some_and(|detail| detail.contains("as of 2026-01-02")), "{older}");
    let empty = site.upload(&format!("{BLOCTEL}2026-01-03"), "Phone\nabc\n").await;
    assert_ne!(empty.status, 200, "{}", empty.text);
    let newer = site.upload(&format!("{BLOCTEL}2026-01-03"), "Phone\n0199001251\n").await.expect(200);
    assert_eq!((&newer["register"]["numbers"], &newer["replaced"]["numbers"]), (&json!(1), &json!(2)));
    site.post("manager", "/api/v1/why", &json!({ "phone": "+33199001250" })).await.problem(404, "not-found");
    let registers = site.get("analyst", "/api/v1/suppressions/registers").await.expect(200);
    assert_eq!((&registers[0]["register"], &registers[0]["as_of"]), (&json!("bloctel"), &json!("2026-01-03")));
    assert_eq!(registers.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_is_wrong_with_a_register_is_told() {
    let site = Site::calling().await;
    for (register, query, field) in [
        ("bloctel", "as_of=2999-01-01&country=FR", "as_of"),
        ("bloctel", "as_of=2026-01-01", "country"),
        ("bloctel", "as_of=2026-01-01&country=FR&seller=Nobody", "seller"),
        ("bloctel", "as_of=2026-01-01&campaign=nothing", "campaign"),
        ("bloctel", "as_of=2026-01-01&campaign=tiny&seller=Seller", "campaign"),
        ("Bloc%20tel", "as_of=2026-01-01&country=FR", "register"),
    ] {
        let path = format!("/api/v1/suppressions/registers/{register}?{query}");
        let problem = site.upload(&path, "Phone\n0199001251\n").await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], field, "{problem}");
    }
    let nothing = site.get("analyst", "/api/v1/suppressions/registers").await.expect(200);
    assert_eq!(nothing, json!([]));
}

#[tokio::test]
async fn two_clients_are_merged_on_request() {
    let site = Site::calling().await;
    let load = "/api/v1/campaigns/tiny/lists?source=existing&country=FR&name=";
    site.upload(&format!("{load}A"), "Phone,Name\n01 99 00 12 60,Zoé\n01 99 00 12 61,Zoe\n").await.expect(200);
    let both = "Phone,Mobile phone,Name\n01 99 00 12 60,01 99 00 12 61,Zoé\n";
    let loaded = site.upload(&format!("{load}B"), both).await.expect(200);
    assert_eq!(loaded["joins"], 1, "{loaded}");
    let joins = site.get("manager", "/api/v1/clients/joins").await.expect(200);
    let (keep, other) = (&joins[0]["client"]["client"], &joins[0]["other"]["client"]);
    let merge = format!("/api/v1/clients/{keep}/merge");
    for dry_run in [true, false] {
        let request = json!({ "other": other, "dry_run": dry_run });
        let merged = site.post("manager", &merge, &request).await.expect(200);
        assert_eq!((&merged["dry_run"], &merged["phones"]), (&json!(dry_run), &json!(1)));
    }
    site.post("manager", &merge, &json!({ "other": other })).await.problem(409, "conflict");
    let shown = site.get("supervisor", &format!("/api/v1/clients/{other}")).await.expect(200);
    assert_eq!((&shown["client"], &shown["merged_from"]), (keep, other));
    assert!(!shown.to_string().contains("331990012"), "numbers are masked: {shown}");
    let found = site.post("manager", "/api/v1/clients/find", &json!({ "phone": "+33199001261" })).await.expect(200);
    assert_eq!((&found["client"], &found["merged_from"]), (keep, &json!(null)));
    assert_eq!(site.get("manager", "/api/v1/clients/joins").await.expect(200), json!([]));
    let why = site.post("manager", "/api/v1/why", &json!({ "phone": "+33199001261" })).await.expect(200);
    assert_eq!(&why["merged"][0]["client"], other);
}

#[tokio::test]
async fn a_client_is_erased_with_a_reason() {
    let site = Site::calling().await;
    let load = "/api/v1/campaigns/tiny/lists?source=existing&country=FR&name=";
    site.upload(&format!("{load}A"), "Phone,Name\n01 99 00 12 60,Zoé\n").await.expect(200);
    let found = site.post("admin", "/api/v1/clients/find", &json!({ "phone": "+33199001260" })).await.expect(200);
    let path = format!("/api/v1/clients/{}", found["client"]);
    let erase = |body: &str| {
        let request = site.request("admin", Method::DELETE, &path).header(header::CONTENT_TYPE, "application/json");
        site.send(request.body(Body::from(body.to_owned())).expect("a request"))
    };
    erase("{}").await.problem(400, "invalid-request");
    let problem = erase(r#"{"reason":" "}"#).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "reason");
    let erased = erase(r#"{"reason":"asked by letter"}"#).await.expect(200);
    assert_eq!((&erased["phones"], &erased["leads_closed"]), (&json!(1), &json!(1)), "{erased}");
    erase(r#"{"reason":"asked by letter"}"#).await.problem(409, "conflict");
    let shown = site.get("admin", &path).await.expect(200);
    assert_eq!((&shown["phones"][0]["phone"], &shown["name"]), (&json!("erased"), &json!(null)), "{shown}");
    assert!(shown["erased_at"].is_string());
}

#[tokio::test]
async fn a_key_is_rotated_to_a_newer_one_only() {
    let site = Site::calling().await;
    let problem = site.post("admin", "/api/v1/suppressions/rotate-key", &json!({})).await.problem(409, "conflict");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("append a new key")), "{problem}");
}
