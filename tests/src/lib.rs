//! What end-to-end tests share: the real binary, a client of its API, a look into its database, and the campaign folders
//! of this repository. Tests that need more than one crate are in the `tests` folder.

pub mod binary;
pub mod campaigns;
pub mod client;
pub mod database;
pub mod proxy;

use std::thread;
use std::time::Duration;

/// How often [`eventually`] tries.
const TRIES: u32 = 1_500;
/// The pause between two tries: what is waited for happens in another process, which needs the processor meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// Tries until there is something, a bounded number of times: half a minute at least.
///
/// # Panics
///
/// Where there is nothing after the last try.
pub fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    for _ in 0..TRIES {
        if let Some(found) = attempt() {
            return found;
        }
        thread::sleep(PAUSE);
    }
    panic!("waited in vain: {what}")
}
