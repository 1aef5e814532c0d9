//! The OpenAPI document: the routes as their handlers describe them, and what all of them have in common.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{Kind, PROBLEM_JSON, ProblemDetails};
use crate::{api, idempotency};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Relance",
        description = "Runs outbound calling campaigns: lists in, the next lead out, outcomes in, refusals reopened by \
            tariffs.\n\nEvery request carries a token (`Authorization: Bearer TOKEN`). What goes wrong is answered as \
            `application/problem+json` (RFC 9457); programs go by its `type`. Instants are RFC 3339 in UTC.",
    ),
    tags(
        (name = "campaigns", description = "Definitions, states, queues and reports"),
        (name = "lists", description = "Client lists: loaded, looked into, taken back"),
        (name = "work", description = "The operator's work: the next lead and its outcome"),
        (name = "orders", description = "What clients accepted, and who is told of it"),
        (name = "tariffs", description = "Offers, and the refusals they answer"),
        (name = "rules", description = "The calling rules, and what they say of a call"),
        (name = "questions", description = "Why somebody is called or not, and what happened"),
        (name = "users", description = "Who signs in"),
    ),
    components(schemas(ProblemDetails)),
    security(("token" = [])),
)]
struct Document;

/// The OpenAPI document of the API.
#[must_use]
pub fn openapi() -> OpenApi {
    let routes = OpenApiRouter::with_openapi(Document::openapi()).nest(crate::API, api::routes());
    let mut document = routes.into_openapi();
    Common.modify(&mut document);
    document
}

/// Answers with the document.
pub(crate) async fn served() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| openapi().to_json().unwrap_or_default());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// What every operation has in common: how callers sign in, which problems they may meet, the key of a retry.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A user's token")).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        for (path, item) in &mut document.paths.paths {
            let key = item.post.is_some() && idempotency::heeds_key(path);
            let operations = [
                (HttpMethod::Get, &mut item.get),
                (HttpMethod::Post, &mut item.post),
                (HttpMethod::Put, &mut item.put),
                (HttpMethod::Delete, &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                add_problems(operation, &method);
                if key && method == HttpMethod::Post {
                    operation.parameters.get_or_insert_default().push(key_parameter().into());
                }
            }
        }
    }
}

fn key_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("1 to 200 visible ASCII characters. A retry with the same key gets the first answer again."))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

/// Adds the problems that an operation can meet, as its shape tells.
fn add_problems(operation: &mut Operation, method: &HttpMethod) {
    let asks_only = *method == HttpMethod::Get;
    let parameters: Vec<&str> = operation.parameters.iter().flatten().filter_map(name_of).collect();
    let takes_json = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        Some(RefOr::Ref(_)) | None => false,
    };
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in Kind::ALL {
        let met = match kind.status().as_u16() {
            404 => !asks_only || !parameters.is_empty(),
            405 => false,
            409 | 507 => !asks_only,
            413 => operation.request_body.is_some(),
            415 => takes_json,
            422 => !asks_only || parameters.contains(&"operator"),
            _ => *kind != Kind::NotReady,
        };
        if met {
            by_status.entry(kind.status().as_u16()).or_default().push(*kind);
        }
    }
    for (status, kinds) in by_status {
        let words: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}", kind.path(), kind.title())).collect();
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails"))).build();
        let response = ResponseBuilder::new().description(words.join("; ")).content(PROBLEM_JSON, content).build();
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| response.into());
    }
}

fn name_of(parameter: &RefOr<Parameter>) -> Option<&str> {
    match parameter {
        RefOr::T(parameter) => Some(&parameter.name),
        RefOr::Ref(_) => None,
    }
}
