//! The statement that everybody writes first: the front of one index over all leads, without lanes and without rules.

use relance_domain::UserId;

use super::callers::{Measured, together};
use super::fill;
use crate::lab::Lab;

/// The index that the naive statement needs. It is made when the engine has been measured, which would otherwise pay for it.
const INDEX: &str = "CREATE INDEX naive_queue ON lead (priority, due_at_ms) WHERE state = 'ready'";

pub(super) async fn index(lab: &Lab) {
    fill::run(lab, INDEX).await;
}

/// Each operator takes a lead by one durable transaction, on a connection for each caller.
pub(super) async fn measure(lab: &Lab, operators: Vec<UserId>, callers: usize) -> Measured {
    let bare = lab.bare.with_connections(u32::try_from(callers).expect("there are few")).await;
    let (measured, _) = together(callers, operators, {
        let bare = bare.clone();
        move |operator| {
            let bare = bare.clone();
            async move { bare.take_without_lanes(operator.0).await }
        }
    })
    .await;
    bare.close().await;
    measured
}
