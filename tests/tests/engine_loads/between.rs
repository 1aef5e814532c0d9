//! A clock by which a test looks between two steps of a load. An engine asks the time before every transaction of a load, with
//! none open, so that whatever a test does there happens at a moment of its choice, without a pause.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use relance_scheduler::{Clock, Engine};
use relance_testkit::chance::CountingChance;
use relance_testkit::{ManualClock, World};
use tokio::runtime::Handle;

type Doing = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A clock that does something whenever it is asked, except by what it does.
struct Between {
    clock: ManualClock,
    busy: AtomicBool,
    doing: Doing,
}

impl Clock for Between {
    fn now(&self) -> Timestamp {
        if !self.busy.swap(true, Ordering::SeqCst) {
            tokio::task::block_in_place(|| Handle::current().block_on((self.doing)()));
            self.busy.store(false, Ordering::SeqCst);
        }
        self.clock.now()
    }
}

/// Another engine over the world's store, that does this between its steps.
pub(crate) fn node<F>(world: &World, doing: impl Fn() -> F + Send + Sync + 'static) -> Engine
where
    F: Future<Output = ()> + Send + 'static,
{
    let clock = Between {
        clock: world.clock.clone(),
        busy: AtomicBool::new(false),
        doing: Box::new(move || Box::pin(doing())),
    };
    Engine::new(Arc::clone(&world.store), Arc::new(clock), Arc::new(CountingChance::default()))
}
