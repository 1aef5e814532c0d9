//! What happened, in lines: the last ones for whoever looks at a failure, and a hash of all of them.

use std::collections::VecDeque;

/// Lines that are kept.
const LINES_KEPT: usize = 60;

/// A trace.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    lines: VecDeque<String>,
    hash: u64,
    /// Every line goes to standard output too.
    pub(super) aloud: bool,
}

impl Default for Trace {
    fn default() -> Self {
        // FNV-1a, 64 bits.
        Self { lines: VecDeque::new(), hash: 0xcbf2_9ce4_8422_2325, aloud: false }
    }
}

impl Trace {
    pub(super) fn note(&mut self, line: impl Into<String>) {
        let line = line.into();
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.aloud {
            println!("{line}");
        }
        if self.lines.len() == LINES_KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// What a node wrote.
    pub(super) fn wrote(&mut self, node: usize, writes: &[String]) {
        if !writes.is_empty() {
            self.note(format!("    node {node}: {}", writes.join(", ")));
        }
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn last_lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }
}
