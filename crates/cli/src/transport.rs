//! How a command reaches the API: the router of this very process, or a server over the network. Both get the same
//! requests and give the same answers.

mod call;
mod network;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode};
use futures_util::StreamExt;
use jiff::Timestamp;
use relance_domain::UserId;
use relance_domain::user::Role;
use relance_scheduler::{Clock, Engine, loops};
use relance_store::user::User;
use relance_web::ActAs;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) use call::Call;
pub(crate) use network::ServerUrl;

use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::world::SystemClock;
use crate::{calling_rules, database, sources};

/// The pause between two rounds of the loops while somebody waits for a lead.
const LOOK_AFTER_PAUSE: Duration = Duration::from_secs(1);

/// The API, wherever it is.
pub(crate) struct Api {
    way: Way,
}

enum Way {
    Here { router: Router, engine: Engine },
    There(network::Server),
}

/// The body of an answer, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The JSON.
    pub(crate) text: String,
}

impl Answer {
    /// What the JSON says.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.text)
            .context("the answer is none that this program understands: is the server of another version?")
    }
}

impl Api {
    /// The API that the settings name: of a server, or of the database.
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        if let Some(url) = &settings.server.value {
            let server = network::Server::new(url.clone(), settings.token.value.clone())?;
            return Ok(Self { way: Way::There(server) });
        }
        let rules = calling_rules::read(settings)?;
        let store = settings.database.value.open_current(settings.migrate_at_start.value, &settings.keys()).await?;
        Ok(Self::of(sources::engine(store, rules, settings)?))
    }

    /// The same for a request that asks nothing of the database: none is opened or made.
    pub(crate) async fn open_without_database(settings: &Settings) -> Result<Self> {
        if settings.server.value.is_some() {
            return Self::open(settings).await;
        }
        let rules = calling_rules::read(settings)?;
        Ok(Self::of(sources::engine(database::nowhere().await?, rules, settings)?))
    }

    /// The API over an engine of this process.
    pub(crate) fn of(engine: Engine) -> Self {
        let router = relance_web::router(relance_web::Server { engine: engine.clone(), metrics: None });
        Self { way: Way::Here { router, engine } }
    }

    /// Whether the API is in this process, where nobody is signed in.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self.way, Way::Here { .. })
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    /// Without a server nobody runs the loops: due leads and expired leases are looked after here.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        if let Way::Here { engine, .. } = &self.way {
            loops::run_once(engine).await?;
        }
        Ok(())
    }

    /// Sends a request that waits for work; without a server due leads and expired leases are looked after meanwhile.
    pub(crate) async fn ask_and_wait(&self, call: Call) -> Result<Answer> {
        let Way::Here { engine, .. } = &self.way else { return self.ask(call).await };
        let answered = CancellationToken::new();
        let asking = async {
            let _answered = answered.clone().drop_guard();
            self.ask(call).await
        };
        tokio::join!(asking, look_after(engine, &answered)).0
    }

    /// Ends the connections in good order.
    pub(crate) async fn close(self) {
        if let Way::Here { engine, .. } = self.way {
            engine.store().close().await;
        }
    }

    /// Sends a request; an answer that is no success is a [`Refusal`].
    pub(crate) async fn ask(&self, call: Call) -> Result<Answer> {
        let response = self.open_answer(call).await?;
        let body = whole(response.into_body()).await?;
        let text = String::from_utf8(body).ok().context("the answer is not text: is this a Relance server?")?;
        Ok(Answer { text })
    }

    /// Sends a request and hands the answer on piece by piece.
    pub(crate) async fn stream(&self, call: Call, mut take: impl FnMut(Bytes) -> Result<()>) -> Result<()> {
        let mut pieces = self.open_answer(call).await?.into_body().into_data_stream();
        while let Some(piece) = pieces.next().await {
            take(piece.context("the answer broke off")?)?;
        }
        Ok(())
    }

    async fn open_answer(&self, call: Call) -> Result<Response<Body>> {
        let response = match &self.way {
            Way::Here { router, .. } => {
                let mut request = call.request("")?;
                request.extensions_mut().insert(ActAs(local_administrator()));
                match router.clone().oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            Way::There(server) => server.send(call).await?,
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED && matches!(&self.way, Way::There(server) if !server.signs_in()) {
            bail!("the server asks who you are: give your token with --token or in RELANCE__TOKEN");
        }
        if status.is_redirection() {
            bail!("the server answered {status}, which is not followed: give its final address");
        }
        let body = whole(response.into_body()).await?;
        Err(Refusal::read(status, &body).into())
    }
}

/// Rounds of the loops until told to stop.
async fn look_after(engine: &Engine, stop: &CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK_AFTER_PAUSE)).await.is_some() {
        if let Err(error) = loops::run_once(engine).await {
            tracing::warn!(%error, "loops.round_failed");
        }
    }
}

/// Who may open the database may do everything.
fn local_administrator() -> User {
    User {
        id: UserId(0),
        name: "local-admin".to_owned(),
        role: Role::Admin,
        created_at: Timestamp::UNIX_EPOCH,
        disabled_at: None,
        away: None,
        skills: Vec::new(),
        languages: Vec::new(),
    }
}

async fn whole(body: Body) -> Result<Vec<u8>> {
    let mut pieces = body.into_data_stream();
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await {
        all.extend_from_slice(&piece.context("the answer broke off")?);
    }
    Ok(all)
}
