//! The part of the trait that is about orders, kept by one transaction per method.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::AssignmentId;
use relance_store::Result;
use relance_store::order::{Draft, DraftSaved, NewDraft, Orders};

use super::order_draft;
use super::transaction::{read, retried, write};
use crate::EngineStore;
use crate::connect::failed;

#[async_trait]
impl Orders for EngineStore {
    async fn save_order_draft(&self, draft: &NewDraft, now: Timestamp) -> Result<DraftSaved> {
        write!(self, "save_order_draft", order_draft::save(draft, now))
    }

    async fn order_draft(&self, id: AssignmentId) -> Result<Option<Draft>> {
        read!(self, order_draft::of(id))
    }
}
