//! Every spelling of the file that `scripts/golden_phones.py` writes becomes the number it says.

use super::{Habit, PhoneProblem, read_cell};

#[test]
fn every_spelling_becomes_its_number() {
    let lines = include_str!("../../tests/data/phones.csv").lines().filter(|line| !line.starts_with('#'));
    let (mut read, mut wrong) = (0, Vec::new());
    for line in lines {
        let fields: Vec<&str> = line.split(';').collect();
        let [country, cell, number, extension] = fields[..] else { panic!("{line} has not four fields") };
        read += 1;
        let country = country.parse().expect("a country");
        let found = read_cell(cell, country, Habit::default());
        let right = match &found {
            Ok(found) => {
                let only = &found.phones[0];
                found.phones.len() == 1
                    && only.number.reveal() == number
                    && only.extension.as_deref().unwrap_or_default() == extension
            }
            Err(problem) => number == "-" && matches!(problem, PhoneProblem::Kind(_)),
        };
        if !right {
            wrong.push(format!("{line} became {found:?}"));
        }
    }
    assert!(read > 2_000, "only {read} cells");
    assert!(wrong.is_empty(), "{} of {read}:\n{}", wrong.len(), wrong.join("\n"));
}
