//! What nobody said: the columns whose header everybody knows, and those of a file without header.

use relance_domain::definition::StandardField;

use super::aliases::{self, Meaning};
use super::content::Content;
use super::headers::{option, shown};
use super::plan::{Plan, Why};
use crate::inspection::Known;

/// How the cells of a column stand to what its header means.
enum Fit {
    /// They are just that: so many percent of them.
    Agrees(usize, &'static str),
    /// They could be anything.
    Silent,
    /// They are something else.
    Against,
}

/// Feeds the fields that are not fed yet from columns whose header is known.
pub(super) fn by_header(plan: &mut Plan<'_>) {
    let meanings: Vec<Option<Meaning>> = plan.file.headers.keys.iter().map(|key| aliases::meaning(key)).collect();
    if plan.looks_for_phones() {
        for at in with(&meanings, |meaning| matches!(meaning, Meaning::Field(StandardField::Phone, _))) {
            phone_by_header(plan, at);
        }
    }
    let unclear = with(&meanings, |meaning| matches!(meaning, Meaning::Unclear(_)));
    let mut no_phones = Vec::new();
    for at in unclear {
        if plan.is_open(at) && !unclear_is_phone(plan, at) {
            no_phones.push(at);
        }
    }
    // Consent comes last: a column so headed may hold its date, unless another is headed as the date.
    let is_other = |field: &StandardField| !matches!(field, StandardField::Phone | StandardField::Consent);
    for field in StandardField::ALL.into_iter().filter(is_other).chain([StandardField::Consent]) {
        let mut columns: Vec<(u8, usize)> = Vec::new();
        for (at, meaning) in meanings.iter().enumerate() {
            match meaning {
                Some(Meaning::Field(found, rank)) if *found == field => columns.push((*rank, at)),
                Some(Meaning::Unclear(Some(found))) if *found == field && no_phones.contains(&at) => {
                    columns.push((u8::MAX, at))
                }
                _ => {}
            }
        }
        columns.sort_unstable();
        for (rank, at) in columns {
            field_by_header(plan, field, at, rank);
        }
    }
    for (at, meaning) in meanings.iter().enumerate() {
        if let Some(Meaning::Other(what)) = meaning
            && plan.columns[at].feeds.is_empty()
            && plan.is_open(at)
        {
            plan.columns[at].because = format!("its header is one of {what}");
        }
    }
}

fn with(meanings: &[Option<Meaning>], wanted: impl Fn(Meaning) -> bool) -> Vec<usize> {
    (0..meanings.len()).filter(|at| meanings[*at].is_some_and(&wanted)).collect()
}

fn phone_by_header(plan: &mut Plan<'_>, at: usize) {
    if !plan.is_open(at) {
        return;
    }
    let content = &plan.file.contents[at];
    let percent = content.percent(content.phones);
    let (known, because) = match content.filled {
        0 => (Known::Likely, "its header is one of a phone number".to_owned()),
        _ if percent >= 50 => {
            let known = if percent >= 80 { Known::Certain } else { Known::Likely };
            (known, format!("its header is one of a phone number, and {}", share(percent, "telephone numbers")))
        }
        _ => (Known::Assumed, format!("its header is one of a phone number, but only {}", share(percent, "such"))),
    };
    plan.feed(StandardField::Phone, at, Why { known, because });
}

/// Below this share of numbers a column with an unclear header is no phone column, above the other it is one.
const NO_PHONES_PERCENT: usize = 10;
const PHONES_PERCENT: usize = 50;

/// Whether a column with an unclear header is a phone column, or may be one and a person is asked.
fn unclear_is_phone(plan: &mut Plan<'_>, at: usize) -> bool {
    let content = &plan.file.contents[at];
    let percent = content.percent(content.phones);
    if !plan.looks_for_phones() || (content.filled > 0 && percent <= NO_PHONES_PERCENT) {
        return false;
    }
    let has_other = !plan.phones.is_empty();
    if content.filled > 0 && percent >= PHONES_PERCENT && !has_other {
        let why = Why { known: Known::Likely, because: share(percent, "telephone numbers") };
        plan.feed(StandardField::Phone, at, why);
        return true;
    }
    // Nothing is lost by an empty column beside one with numbers.
    if content.filled == 0 && has_other {
        return false;
    }
    // Beside a phone column, digits that could be dialled may as well be the numbers of clients or contracts.
    let found = if content.filled == 0 { "has no cells".to_owned() } else { share(percent, "telephone numbers") };
    let header = plan.file.headers.names[at].clone();
    let name = shown(&header);
    let message = format!(
        "column {name:?} may hold phone numbers or something else ({found}): say which, {} or {}",
        option(&header, "phone"),
        option(&header, "-")
    );
    plan.ask("mapping_unsure", message);
    true
}

fn field_by_header(plan: &mut Plan<'_>, field: StandardField, at: usize, rank: u8) {
    if plan.standard.contains_key(&field) || !plan.is_open(at) {
        return;
    }
    let content = &plan.file.contents[at];
    // The day on which people agreed stands under `opt-in` as well as a yes.
    let field = match field {
        StandardField::Consent if content.mostly(content.dates, 80) => StandardField::ConsentDate,
        field => field,
    };
    // A header that is as often something else feeds nothing that its cells do not show.
    let needs_proof = rank > 1;
    let of_field = field.as_str();
    let (known, because) = match fit(field, content, plan.file.look.code) {
        Fit::Agrees(percent, what) => {
            (Known::Certain, format!("its header is one of {of_field:?}, and {}", share(percent, what)))
        }
        Fit::Silent if !needs_proof || field == StandardField::Reference => {
            (Known::Likely, format!("its header is one of {of_field:?}"))
        }
        Fit::Silent => return,
        Fit::Against => {
            let header = &plan.file.headers.names[at];
            plan.columns[at].because = format!("its header is one of {of_field:?}, but its cells are something else");
            let name = shown(header);
            let notice = format!(
                "column {name:?} is kept as an attribute: its header is one of {of_field:?}, but its cells are \
                 something else; {} takes it all the same",
                option(header, of_field)
            );
            plan.notices.push(notice);
            return;
        }
    };
    plan.feed(field, at, Why { known, because });
}

fn fit(field: StandardField, content: &Content, country: &str) -> Fit {
    let required = |count, percent, what| match content.filled {
        0 => Fit::Silent,
        _ if content.mostly(count, percent) => Fit::Agrees(content.percent(count), what),
        _ => Fit::Against,
    };
    let contrary = [content.emails, content.dates, content.phones].into_iter().any(|count| content.mostly(count, 80));
    match field {
        StandardField::Country => required(content.countries, 80, "countries"),
        StandardField::TimeZone => required(content.zones, 80, "time zones"),
        StandardField::Extension => required(content.extensions, 80, "short numbers"),
        StandardField::Consent | StandardField::HoursWaiver => required(content.yes_no, 80, "yes or no"),
        StandardField::ConsentDate => required(content.dates.max(content.serial_days), 50, "dates"),
        StandardField::Reference | StandardField::ConsentWording | StandardField::Language => Fit::Silent,
        // Five digits may be a valid short number somewhere, but no phone column has such a header.
        StandardField::Postcode if content.mostly(content.postcodes, 50) => {
            Fit::Agrees(content.percent(content.postcodes), country_codes(country))
        }
        _ if contrary => Fit::Against,
        StandardField::FirstName | StandardField::LastName if content.mostly(content.numbers, 80) => Fit::Against,
        StandardField::FirstName | StandardField::LastName | StandardField::City
            if content.mostly(content.names, 80) =>
        {
            Fit::Agrees(content.percent(content.names), "words")
        }
        _ => Fit::Silent,
    }
}

fn country_codes(country: &str) -> &'static str {
    if country == "US" { "zip codes" } else { "postal codes" }
}

/// The end of a sentence.
fn share(percent: usize, what: &str) -> String {
    format!("{percent} % of its cells are {what}")
}

/// The share of numbers that makes a column without header a phone column.
const PHONES_WITHOUT_HEADER_PERCENT: usize = 80;
const POSTCODES_WITHOUT_HEADER_PERCENT: usize = 95;

/// Feeds what can be told from cells alone: the phone number, and a postal code that cannot be anything else.
pub(super) fn by_content(plan: &mut Plan<'_>) {
    if plan.looks_for_phones() && plan.phones.is_empty() {
        phones_by_content(plan);
    }
    let is_postcode = |at: &usize| {
        let content = &plan.file.contents[*at];
        plan.is_open(*at) && content.mostly(content.postcodes, POSTCODES_WITHOUT_HEADER_PERCENT)
    };
    let columns: Vec<usize> = (0..plan.columns.len()).filter(is_postcode).collect();
    if let [at] = columns[..] {
        let content = &plan.file.contents[at];
        let because = share(content.percent(content.postcodes), country_codes(plan.file.look.code));
        plan.feed(StandardField::Postcode, at, Why { known: Known::Assumed, because });
    }
}

fn phones_by_content(plan: &mut Plan<'_>) {
    let contents = &plan.file.contents;
    let is_phone = |at: &usize| {
        let content = &contents[*at];
        plan.is_open(*at) && content.mostly(content.phones, PHONES_WITHOUT_HEADER_PERCENT)
    };
    let columns: Vec<usize> = (0..plan.columns.len()).filter(is_phone).collect();
    // Bare digits beside well written numbers may be the numbers of clients or contracts, which could be dialled too.
    let is_written = |at: &usize| contents[*at].mostly(contents[*at].written_phones, 50);
    let written: Vec<usize> = columns.iter().copied().filter(is_written).collect();
    let taken = if written.is_empty() { &columns } else { &written };
    if written.is_empty() && columns.len() > 1 {
        let names: Vec<String> =
            columns.iter().map(|at| format!("{:?}", shown(&plan.file.headers.names[*at]))).collect();
        let options: Vec<String> = columns.iter().map(|at| option(&plan.file.headers.names[*at], "phone")).collect();
        let message = format!(
            "columns {} all hold digits that could be dialled, and no header says which are phone numbers: name those \
             that are, {}",
            names.join(" and "),
            options.join(" or ")
        );
        plan.ask("mapping_unsure", message);
        return;
    }
    for at in taken {
        let percent = contents[*at].percent(contents[*at].phones);
        let why = Why { known: Known::Likely, because: share(percent, "telephone numbers") };
        plan.feed(StandardField::Phone, *at, why);
    }
}
