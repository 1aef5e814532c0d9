//! How whoever waits for work is woken when there may be some.

use tokio::sync::watch;

/// Rings when there may be work that was not there before: a list was loaded, a promise made, a campaign started, a tariff
/// published, a lead put back. It only wakes. A ring may be for nothing, many may be heard as one, and one may be lost with the
/// connection that carries it, so that whoever waits also looks by itself from time to time. Clones are the same bell.
#[derive(Debug, Clone, Default)]
pub struct WorkBell {
    rings: watch::Sender<()>,
}

impl WorkBell {
    /// Wakes everybody who listens.
    pub fn ring(&self) {
        self.rings.send_replace(());
    }

    /// Somebody who hears every ring from now on. To listen before one looks for work is to miss none that comes after the look.
    #[must_use]
    pub fn listen(&self) -> Ringing {
        Ringing { rings: self.rings.subscribe() }
    }
}

/// Somebody who listens to a [`WorkBell`].
#[derive(Debug)]
pub struct Ringing {
    rings: watch::Receiver<()>,
}

impl Ringing {
    /// Waits for a ring after the last one that was heard; one that rang meanwhile is heard at once. A bell that is gone never
    /// rings. Nothing is lost when the future is dropped.
    pub async fn rung(&mut self) {
        if self.rings.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    /// Polls once, without a runtime.
    fn is_ready(future: impl Future<Output = ()>) -> bool {
        pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_ring_is_heard_once_by_everybody_who_listened_before() {
        let bell = WorkBell::default();
        bell.ring();
        let (mut one, mut other) = (bell.listen(), bell.clone().listen());
        assert!(!is_ready(one.rung()), "what rang before is not heard");
        bell.ring();
        bell.ring();
        assert!(is_ready(one.rung()) && is_ready(other.rung()));
        assert!(!is_ready(one.rung()), "two rings are heard as one");
        drop(bell);
        assert!(!is_ready(other.rung()), "a bell that is gone never rings");
    }
}
