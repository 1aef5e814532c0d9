//! Lists that were loaded, and taking them back.

use relance_domain::ListId;
use relance_store::list::{LeftOutRow, List, Undo};

use crate::{Engine, Result};

impl Engine {
    /// Lists that were loaded, newest first.
    pub async fn lists(&self, campaign: Option<&str>) -> Result<Vec<List>> {
        let campaign = match campaign {
            Some(name) => Some(self.store.campaign(name).await?.id),
            None => None,
        };
        Ok(self.store.lists(campaign).await?)
    }

    /// One list.
    pub async fn list(&self, list: ListId) -> Result<List> {
        Ok(self.store.list(list).await?)
    }

    /// Rows of a list that made no lead, by line, at most `limit` after a line.
    pub async fn left_out_rows(&self, list: ListId, after_line: i64, limit: i64) -> Result<Vec<LeftOutRow>> {
        self.store.list(list).await?;
        Ok(self.store.left_out_rows(list, after_line, limit).await?)
    }

    /// Takes a list back, or says what that would do.
    pub async fn undo_list(&self, list: ListId, dry_run: bool) -> Result<Undo> {
        if dry_run {
            return Ok(self.store.preview_undo(list).await?);
        }
        let undo = self.store.undo_list(list, self.now()).await?;
        tracing::info!(list = list.0, removed_leads = undo.removed_leads, kept_leads = undo.kept_leads, "list.undone");
        Ok(undo)
    }
}
