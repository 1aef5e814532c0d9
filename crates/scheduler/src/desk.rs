//! Where requests wait that the database answers better together. Whoever comes while some are being served is served with the next ones;
//! one alone is served at once.

use std::future::Future;

use relance_store::StoreError;
use tokio::sync::{mpsc, oneshot};

use crate::{Error, Result};

/// Most requests that are served together: it bounds how long the locks of one transaction are held.
const BATCH_MAX: usize = 64;

/// Who serves at a desk.
pub(crate) trait Clerk: Send + 'static {
    /// What is asked.
    type Request: Send + Sync + 'static;
    /// What is answered.
    type Answer: Send + 'static;
    /// The metric that counts how many are served together.
    const BATCH_SIZE: &'static str;

    /// Serves some requests together: one answer each, in their order. An error means that none was served.
    fn serve(
        &mut self,
        requests: &[Self::Request],
    ) -> impl Future<Output = std::result::Result<Vec<Self::Answer>, StoreError>> + Send;
}

/// A handle to a desk.
pub(crate) struct Desk<C: Clerk> {
    queue: mpsc::Sender<Waiting<C>>,
}

impl<C: Clerk> Clone for Desk<C> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

struct Waiting<C: Clerk> {
    request: C::Request,
    answer: oneshot::Sender<Result<C::Answer>>,
}

impl<C: Clerk> Desk<C> {
    /// Opens a desk; it closes when its last handle is gone.
    pub(crate) fn open(clerk: C) -> Self {
        let (queue, waiting) = mpsc::channel(1_024);
        tokio::spawn(work(clerk, waiting));
        Self { queue }
    }

    /// Waits for the answer.
    pub(crate) async fn ask(&self, request: C::Request) -> Result<C::Answer> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Waiting { request, answer }).await.map_err(|_| Error::ShuttingDown)?;
        answered.await.map_err(|_| Error::ShuttingDown)?
    }
}

async fn work<C: Clerk>(mut clerk: C, mut queue: mpsc::Receiver<Waiting<C>>) {
    let mut waiting = Vec::with_capacity(BATCH_MAX);
    while queue.recv_many(&mut waiting, BATCH_MAX).await > 0 {
        // Whoever stopped waiting is not served: a lead they would only keep until the lease ends, and an outcome they send again.
        waiting.retain(|waiting: &Waiting<C>| !waiting.answer.is_closed());
        if waiting.is_empty() {
            continue;
        }
        metrics::histogram!(C::BATCH_SIZE).record(waiting.len() as f64);
        let (requests, answers): (Vec<_>, Vec<_>) = waiting.drain(..).map(|one| (one.request, one.answer)).unzip();
        match clerk.serve(&requests).await {
            Ok(served) => {
                for (answer, served) in answers.into_iter().zip(served) {
                    // Whoever left meanwhile finds what was done when asking again.
                    let _ = answer.send(Ok(served));
                }
            }
            // A database that is away would be away for each of them, and each would wait for it.
            Err(error @ (StoreError::Away(_) | StoreError::InDoubt(_))) => {
                tracing::warn!(%error, batch = C::BATCH_SIZE, requests = requests.len(), "desk.database_away");
                for answer in answers {
                    let _ = answer.send(Err(for_each(&error).into()));
                }
            }
            Err(error) => match <[_; 1]>::try_from(answers) {
                Ok([alone]) => drop(alone.send(Err(error.into()))),
                Err(answers) => {
                    tracing::warn!(%error, batch = C::BATCH_SIZE, requests = requests.len(), "desk.batch_failed");
                    serve_each(&mut clerk, requests, answers).await;
                }
            },
        }
    }
}

/// After a batch that failed as a whole each request is served alone, so that one cannot spoil it for the others.
async fn serve_each<C: Clerk>(
    clerk: &mut C,
    requests: Vec<C::Request>,
    answers: Vec<oneshot::Sender<Result<C::Answer>>>,
) {
    for (request, answer) in requests.into_iter().zip(answers) {
        let served = clerk.serve(&[request]).await;
        let served = served.and_then(|served| served.into_iter().next().ok_or_else(unanswered));
        let _ = answer.send(served.map_err(Error::from));
    }
}

/// What each request of a batch is told that met a database that was away.
fn for_each(error: &StoreError) -> StoreError {
    let cause = "the batch found it away".into();
    match error {
        StoreError::InDoubt(_) => StoreError::InDoubt(cause),
        _ => StoreError::Away(cause),
    }
}

fn unanswered() -> StoreError {
    StoreError::Database("a batch was answered with fewer answers than it had requests".into())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::{Notify, Semaphore};

    use super::*;

    /// Doubles numbers, once it may; refuses a batch with an odd one.
    struct Doubling {
        began: Arc<Notify>,
        may: Arc<Semaphore>,
        batches: Arc<Mutex<Vec<Vec<u32>>>>,
    }

    impl Clerk for Doubling {
        type Request = u32;
        type Answer = u32;
        const BATCH_SIZE: &'static str = "test_batch_size";

        async fn serve(&mut self, numbers: &[u32]) -> std::result::Result<Vec<u32>, StoreError> {
            self.began.notify_one();
            let _may = self.may.acquire().await.expect("open");
            self.batches.lock().expect("unpoisoned").push(numbers.to_vec());
            match numbers.iter().find(|number| !number.is_multiple_of(2)) {
                Some(odd) => Err(StoreError::Conflict(format!("{odd} is odd"))),
                None => Ok(numbers.iter().map(|number| number * 2).collect()),
            }
        }
    }

    #[tokio::test]
    async fn who_comes_meanwhile_is_served_together_and_one_spoils_nothing_for_the_others() {
        let (may, batches) = (Arc::new(Semaphore::new(0)), Arc::<Mutex<Vec<Vec<u32>>>>::default());
        let began = Arc::new(Notify::new());
        let desk =
            Desk::open(Doubling { began: Arc::clone(&began), may: Arc::clone(&may), batches: Arc::clone(&batches) });
        let first = tokio::spawn({
            let desk = desk.clone();
            async move { desk.ask(2).await }
        });
        began.notified().await;
        let mut gone = Box::pin(desk.ask(8));
        assert!(at_once(&mut gone).await.is_none());
        // Somebody who stops waiting is not served.
        drop(gone);
        let (four, five, six, ()) = tokio::join!(desk.ask(4), desk.ask(5), desk.ask(6), async { may.add_permits(1) });
        assert_eq!(first.await.expect("no panic").expect("doubled"), 4);
        assert_eq!((four.expect("doubled"), six.expect("doubled")), (8, 12));
        assert!(matches!(five, Err(Error::Store(StoreError::Conflict(why))) if why == "5 is odd"));
        assert_eq!(*batches.lock().expect("unpoisoned"), [vec![2], vec![4, 5, 6], vec![4], vec![5], vec![6]]);
    }

    /// The answer, if it is there without waiting.
    async fn at_once<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        use std::task::Poll;
        std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}
