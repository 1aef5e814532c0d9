//! Looking a client up, and making two clients one when somebody says that they are.

use relance_domain::{ClientId, ListId, UserId};
use relance_store::StoreError;
use relance_store::client::{Client, Erase, Erased, JoinFilter, Merge, Merged, OpenJoin};
use relance_store::question::About;
use relance_store::register::Suppression;
use serde::{Deserialize, Serialize};

use crate::why::asked_phone;
use crate::{Engine, Error, Result};

/// A client who was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClientCard {
    /// The client that was asked for, where they were merged into the one that is shown.
    pub merged_from: Option<ClientId>,
    /// The client.
    #[serde(flatten)]
    pub client: Client,
    /// What keeps the client from being called, for whomever it holds.
    pub suppressions: Vec<Suppression>,
}

impl Engine {
    /// A client. One that was merged is told of as the client that it became part of.
    pub async fn client(&self, asked: ClientId) -> Result<ClientCard> {
        let client = self.store.client(asked).await?;
        let suppressions = self.store.suppressions(&About::Client(client.client)).await?;
        let merged_from = (client.client != asked).then_some(asked);
        Ok(ClientCard { merged_from, client, suppressions })
    }

    /// The client whose phone this is, in international form or as written in `country`.
    pub async fn client_of_phone(&self, phone: &str, country: Option<&str>) -> Result<ClientCard> {
        let phone = asked_phone(phone, country)?;
        match self.store.client_of_phone(&phone).await? {
            Some(client) => self.client(client).await,
            None => Err(StoreError::not_found("client with the phone", phone.masked()).into()),
        }
    }

    /// Rows of lists that said of two clients that they are one, by list and line, at most `limit`.
    pub async fn joins(&self, list: Option<ListId>, limit: i64) -> Result<Vec<OpenJoin>> {
        if let Some(list) = list {
            self.store.list(list).await?;
        }
        Ok(self.store.joins(&JoinFilter { list, limit }).await?)
    }

    /// Makes one client of two, or says what would become of them.
    pub async fn merge_clients(
        &self,
        keep: ClientId,
        other: ClientId,
        by: Option<UserId>,
        dry_run: bool,
    ) -> Result<Merged> {
        let merged = self.store.merge_clients(&Merge { keep, other, by, dry_run }, self.now()).await?;
        if !dry_run {
            tracing::info!(kept = keep.0, merged = other.0, leads = merged.leads.len(), "client.merged");
        }
        Ok(merged)
    }

    /// Removes everything personal of a client. The reason is kept and must name nobody.
    pub async fn erase_client(&self, client: ClientId, reason: &str, by: Option<UserId>) -> Result<Erased> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Error::field(
                "the erasure",
                "reason",
                "is empty: say why, as in \"asked by letter\"".to_owned(),
            ));
        }
        let erase = Erase { client, reason: reason.to_owned(), by };
        let erased = self.store.erase_client(&erase, self.now()).await?;
        tracing::info!(client = client.0, leads = erased.leads_closed, "client.erased");
        Ok(erased)
    }
}
