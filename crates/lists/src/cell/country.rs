//! Countries by code or by name.

use super::folded;
use crate::phone::Country;

/// What lists call the countries that most addresses are in, in French, English, Russian and their own language, and
/// their codes of three letters; folded.
pub(super) const NAMES: [(&str, &[&str]); 28] = [
    ("AT", &["aut", "autriche", "austria", "osterreich", "австрия"]),
    ("AU", &["aus", "australie", "australia", "австралия"]),
    ("BE", &["bel", "belgique", "belgium", "belgie", "бельгия"]),
    ("BR", &["bra", "bresil", "brazil", "brasil", "бразилия"]),
    ("BY", &["blr", "bielorussie", "belarus", "беларусь", "белоруссия"]),
    ("CA", &["can", "canada", "канада"]),
    ("CH", &["che", "suisse", "switzerland", "schweiz", "швеицария"]),
    ("DE", &["deu", "allemagne", "germany", "deutschland", "германия"]),
    ("DZ", &["dza", "algerie", "algeria", "алжир"]),
    ("ES", &["esp", "espagne", "spain", "espana", "испания"]),
    ("FR", &["fra", "france", "france metropolitaine", "франция"]),
    ("GB", &["gbr", "uk", "royaume-uni", "royaume uni", "united kingdom", "great britain", "великобритания"]),
    ("GP", &["glp", "guadeloupe"]),
    ("IE", &["irl", "irlande", "ireland", "ирландия"]),
    ("IT", &["ita", "italie", "italy", "italia", "италия"]),
    ("KZ", &["kaz", "kazakhstan", "казахстан"]),
    ("LU", &["lux", "luxembourg", "люксембург"]),
    ("MA", &["mar", "maroc", "morocco", "марокко"]),
    ("MC", &["mco", "monaco", "монако"]),
    ("MQ", &["mtq", "martinique"]),
    ("NL", &["nld", "pays-bas", "pays bas", "netherlands", "nederland", "нидерланды"]),
    ("PL", &["pol", "pologne", "poland", "polska", "польша"]),
    ("PT", &["prt", "portugal", "португалия"]),
    ("RE", &["reu", "reunion", "la reunion"]),
    ("RU", &["rus", "russie", "russia", "russian federation", "россия", "россииская федерация", "рф"]),
    ("TN", &["tun", "tunisie", "tunisia", "тунис"]),
    ("UA", &["ukr", "ukraine", "украина"]),
    ("US", &["usa", "etats-unis", "etats unis", "united states", "united states of america", "сша"]),
];

/// The ISO 3166-1 alpha-2 code of a country given by code or name; `None` where it is not known.
pub(crate) fn country(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let by_code = || cell.parse::<Country>().ok().map(|country| country.to_string());
    let by_name = || {
        // No name is longer.
        let word = if cell.len() <= 60 { folded(cell) } else { return None };
        NAMES.iter().find(|(_, names)| names.contains(&word.as_str())).map(|(code, _)| (*code).to_owned())
    };
    by_name().or_else(by_code)
}
