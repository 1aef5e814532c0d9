//! The OpenAPI document is complete, and the copy in `docs/` is it.

use std::path::Path;

use serde_json::Value;

use crate::site::Site;

fn document() -> Value {
    serde_json::to_value(relance_web::openapi()).expect("JSON")
}

/// Every operation of the document: method, path and the operation itself.
pub(crate) fn operations() -> Vec<(String, String, Value)> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("a path item").clone();
        let path = path.clone();
        item.into_iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_operation_is_described() {
    for (method, path, operation) in operations() {
        let at = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{at} has no summary");
        let responses = operation["responses"].as_object().expect("responses");
        let is_problem = |response: &&Value| response["content"]["application/problem+json"].is_object();
        assert!(responses.values().any(|response| is_problem(&response)), "{at} has no problem");
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{at}: {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{at}: {parameter}");
        }
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let named = |(_, _, operation): (String, String, Value)| operation["operationId"].to_string();
    let mut names: Vec<String> = operations().into_iter().map(named).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// `UPDATE_SNAPSHOTS=1 cargo test -p relance-web` writes it anew.
#[test]
fn the_copy_in_docs_is_the_document() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = relance_web::openapi().to_pretty_json().expect("JSON") + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &text).expect("docs/openapi.json is written");
    }
    let copy = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(copy == text, "docs/openapi.json is not the document: run UPDATE_SNAPSHOTS=1 cargo test -p relance-web");
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let site = Site::new().await;
    let request = axum::http::Request::get("/api/v1/openapi.json").body(axum::body::Body::empty()).expect("a request");
    assert_eq!(site.send(request).await.expect(200), document());
}
