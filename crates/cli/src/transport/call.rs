//! A request on its way.

use anyhow::{Context, Result};
use axum::body::Body;
use axum::http::{Method, Request, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// Where the API begins.
const BASE: &str = "/api/v1";
/// What is not written as it is: everything but letters, digits and marks that RFC 3986 calls unreserved. The dot is
/// not among them, so that `..` is a name and not a step upwards.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// A request on its way.
pub(crate) struct Call {
    method: Method,
    target: String,
    accept: &'static str,
    content_type: Option<&'static str>,
    body: Body,
}

impl Call {
    /// A question. Each segment of the path is written so that it stays one segment.
    pub(crate) fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path)
    }

    /// A change.
    pub(crate) fn post(path: &[&str]) -> Self {
        Self::new(Method::POST, path)
    }

    /// A state that is to be, whatever was before.
    pub(crate) fn put(path: &[&str]) -> Self {
        Self::new(Method::PUT, path)
    }

    /// A removal.
    pub(crate) fn delete(path: &[&str]) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// A question outside the API, as `/readyz`.
    pub(crate) fn at_root(path: &str) -> Self {
        Self { target: path.to_owned(), ..Self::new(Method::GET, &[]) }
    }

    fn new(method: Method, path: &[&str]) -> Self {
        let mut target = BASE.to_owned();
        for segment in path {
            target.push('/');
            target.extend(utf8_percent_encode(segment, RESERVED));
        }
        Self { method, target, accept: "application/json", content_type: None, body: Body::empty() }
    }

    /// With a parameter, where it has a value.
    pub(crate) fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.target.push(if self.target.contains('?') { '&' } else { '?' });
            self.target.push_str(name);
            self.target.push('=');
            self.target.extend(utf8_percent_encode(&value.to_string(), RESERVED));
        }
        self
    }

    /// Asks for CSV.
    pub(crate) fn for_csv(self) -> Self {
        Self { accept: "text/csv", ..self }
    }

    /// With a body of JSON.
    pub(crate) fn json(self, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).context("the request cannot be written as JSON")?;
        Ok(Self { content_type: Some("application/json"), body: body.into(), ..self })
    }

    /// With the bytes of a list file.
    pub(crate) fn file(self, body: Body) -> Self {
        Self { content_type: Some("text/csv"), body, ..self }
    }

    /// The request, for the server at an address; for this process at none.
    pub(super) fn request(self, base: &str) -> Result<Request<Body>> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(format!("{base}{}", self.target))
            .header(header::ACCEPT, self.accept)
            .header(header::USER_AGENT, concat!("relance/", env!("CARGO_PKG_VERSION")));
        if let Some(content_type) = self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        request.body(self.body).context("the request cannot be written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(call: Call) -> String {
        call.request("http://h").expect("a request").uri().to_string()
    }

    #[test]
    fn a_segment_stays_a_segment() {
        assert_eq!(
            target(Call::get(&["campaigns", "bank-loan", "queue"])),
            "http://h/api/v1/campaigns/bank-loan/queue"
        );
        assert_eq!(
            target(Call::get(&["campaigns", "../users?x=é"])),
            "http://h/api/v1/campaigns/%2E%2E%2Fusers%3Fx%3D%C3%A9"
        );
    }

    #[test]
    fn a_parameter_without_value_is_left_out() {
        let call = Call::get(&["lists"]).with("a", None::<i64>).with("b", Some("x y&z")).with("c", Some(3));
        assert_eq!(target(call), "http://h/api/v1/lists?b=x%20y%26z&c=3");
    }
}
