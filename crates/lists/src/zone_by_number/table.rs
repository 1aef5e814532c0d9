//! The table from prefixes to zones, read once from the text that the script writes.

use std::sync::LazyLock;

/// Prefixes of numbers and the zones they stand for.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("table.txt")));

/// Prefixes, the calling code among their digits, in ascending order; no calling code begins with 0, so that a number
/// says how many digits its prefix has.
#[derive(Debug)]
pub(super) struct Table {
    prefixes: Vec<(u32, u16)>,
    zones: Vec<Vec<&'static str>>,
}

impl Table {
    fn read(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
        let mut table = Self { prefixes: Vec::new(), zones: Vec::new() };
        for ((names, prefixes), at) in lines.zip(0..) {
            table.zones.push(names.split(' ').collect());
            table.prefixes.extend(prefixes.split(' ').filter_map(|prefix| Some((prefix.parse().ok()?, at))));
        }
        table.prefixes.sort_unstable();
        table
    }

    /// The zones of exactly this prefix.
    pub(super) fn zones(&self, prefix: u32) -> Option<&[&'static str]> {
        let at = self.prefixes.binary_search_by_key(&prefix, |(prefix, _)| *prefix).ok()?;
        self.zones.get(usize::from(self.prefixes[at].1)).map(Vec::as_slice)
    }

    /// Every list of zones.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = &[&'static str]> {
        self.zones.iter().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_text_is_in_the_table() {
        let text = include_str!("table.txt");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(TABLE.zones.len(), lines.len());
        let prefixes: usize = lines.iter().map(|line| line.split('\t').nth(1).unwrap_or("").split(' ').count()).sum();
        assert_eq!(TABLE.prefixes.len(), prefixes);
        assert!(TABLE.prefixes.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
