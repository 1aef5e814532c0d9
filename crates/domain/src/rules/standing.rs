//! Whether something stands in the way, and for how long.

use jiff::Timestamp;

/// From the best to the worst, so that the strictest of several is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Nothing.
    Clear,
    /// Something, exactly until then.
    Wait(Timestamp),
    /// Something that time alone does not remove.
    Never,
}

impl Standing {
    /// Waits until an instant, if it lies ahead.
    pub(super) fn until(until: Timestamp, now: Timestamp) -> Self {
        if until <= now {
            Self::Clear
        } else if until == Timestamp::MAX {
            Self::Never
        } else {
            Self::Wait(until)
        }
    }

    /// When it is gone, where time alone removes it.
    pub(super) fn ends(self) -> Option<Timestamp> {
        match self {
            Self::Wait(until) => Some(until),
            Self::Clear | Self::Never => None,
        }
    }
}
