//! A server over the network.

use std::error::Error as _;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::uri::Scheme;
use axum::http::{HeaderValue, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::Call;
use crate::secret::Secret;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The address of a server, as in `https://relance.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    base: String,
    encrypted: bool,
}

/// The text is not the address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the address of a server: write it as in https://relance.example or http://127.0.0.1:8080")]
pub(crate) struct NotAServer;

impl FromStr for ServerUrl {
    type Err = NotAServer;

    fn from_str(text: &str) -> Result<Self, NotAServer> {
        let uri: Uri = text.parse().map_err(|_| NotAServer)?;
        let scheme = uri.scheme().filter(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme)).ok_or(NotAServer)?;
        // A password in the address would be sent nowhere and shown everywhere.
        let named =
            uri.authority().is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
        if !named || uri.query().is_some() {
            return Err(NotAServer);
        }
        Ok(Self { base: text.trim_end_matches('/').to_owned(), encrypted: *scheme == Scheme::HTTPS })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// A server and how to talk to it.
pub(super) struct Server {
    url: ServerUrl,
    authorization: Option<HeaderValue>,
    client: Connection,
}

enum Connection {
    Plain(Client<HttpConnector, Body>),
    Encrypted(Client<HttpsConnector<HttpConnector>, Body>),
}

impl Server {
    /// Prepares to talk; nothing is sent yet.
    pub(super) fn new(url: ServerUrl, token: Option<Secret>) -> Result<Self> {
        let authorization = token.map(|token| {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
                .map_err(|_| anyhow!("the token holds characters that no token has: was it copied whole?"))?;
            value.set_sensitive(true);
            anyhow::Ok(value)
        });
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.enforce_http(false);
        let builder = Client::builder(TokioExecutor::new());
        let client = if url.encrypted {
            let tls = HttpsConnectorBuilder::new().with_native_roots();
            let tls = tls.context("this system's certificates cannot be read: install ca-certificates")?;
            Connection::Encrypted(builder.build(tls.https_only().enable_http1().wrap_connector(tcp)))
        } else {
            Connection::Plain(builder.build(tcp))
        };
        Ok(Self { url, authorization: authorization.transpose()?, client })
    }

    /// Whether requests carry a token.
    pub(super) fn signs_in(&self) -> bool {
        self.authorization.is_some()
    }

    /// Sends a request.
    pub(super) async fn send(&self, call: Call) -> Result<Response<Body>> {
        let mut request = call.request(&self.url.base)?;
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        let answer = match &self.client {
            Connection::Plain(client) => client.request(request).await,
            Connection::Encrypted(client) => client.request(request).await,
        };
        let answer = answer.map_err(|error| {
            let cause = std::iter::successors(error.source(), |&error| error.source()).last();
            anyhow!("cannot reach {}: {}", self.url, cause.map_or_else(|| error.to_string(), ToString::to_string))
        })?;
        Ok(answer.map(Body::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_of_servers() {
        for (text, base) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://relance.example/", "https://relance.example"),
            ("https://example.org/relance/", "https://example.org/relance"),
        ] {
            assert_eq!(text.parse::<ServerUrl>().map(|url| url.to_string()), Ok(base.to_owned()), "{text}");
        }
        for wrong in
            ["", "relance.example", "localhost:8080", "ftp://x", "https://ann:s3cret@x", "http://x?y=1", "http://"]
        {
            assert_eq!(wrong.parse::<ServerUrl>(), Err(NotAServer), "{wrong}");
        }
    }
}
