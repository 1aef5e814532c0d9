//! Small packs for what the shipped one does not have.

use std::sync::Arc;

use super::super::RuleSet;
use crate::toml_file::Problem;

/// Two countries of a union and one part of a country, with one rule of each kind that decides.
pub(super) const PACK: &str = r#"
[pack]
name = "small"
edition = 2026-11-24
nowhere = ["+4480"]

[[jurisdictions]]
code = "EU"
name = "Union"
numbers = []
countries = []
reviewed = 2026-11-23

[[jurisdictions]]
code = "FR"
name = "France"
parent = "EU"
numbers = ["+33", "+262"]
countries = ["FR", "RE"]
reviewed = 2026-11-23
gaps = "much"

[[jurisdictions]]
code = "GB"
name = "Britain"
numbers = ["+44"]
countries = ["GB"]
reviewed = 2026-11-23

[[jurisdictions]]
code = "GB-SCT"
name = "Scotland"
parent = "GB"
numbers = ["+44131"]
countries = ["GB"]
regions = ["SCT", "Scotland"]
reviewed = 2026-11-23

[[rules]]
id = "FR-HOURS"
in = "FR"
kind = "hours"
basis = "law"
audience = "b2c"
purpose = "marketing"
mode = "any"
from = 2023-03-01
to = 2030-12-31
windows = { mon = ["10:00-13:00", "14:00-20:00"], sat = [], sun = ["02:30-04:00"] }
holiday = "windows"
holiday_windows = ["09:00-12:00"]
eve_of_holiday = ["10:00-11:00"]
holidays = "FR"
waiver = true
source = "D.223-9"
source_url = "https://www.legifrance.gouv.fr/"
evidence = "primary"
verified = true
note = "a note"
conflict = "a conflict"

[[rules]]
id = "EU-CAP"
in = "EU"
kind = "cap"
basis = "law"
audience = "any"
purpose = "any"
mode = "any"
max = 2
window = "P1M"
window_type = "calendar_month"
counts = "connected"
per = "number"
source = "a law"
evidence = "recall"
verified = false

[[rules]]
id = "EU-PAUSE"
in = "EU"
kind = "cooldown"
basis = "law"
audience = "any"
purpose = "any"
mode = "any"
after = "machine_hang_up"
duration = "P2D"
counted = "calendar_days"
per = "seller"
source = "a law"
evidence = "secondary"
verified = true

[[rules]]
id = "GB-REGISTER"
in = "GB"
kind = "dnc"
basis = "law"
audience = "any"
purpose = "marketing"
mode = "any"
register = "tps"
registry = "TPS"
source = "a law"
evidence = "secondary"
verified = true

[[rules]]
id = "GB-KEEP"
in = "GB"
kind = "retention"
basis = "law"
audience = "any"
purpose = "any"
mode = "any"
min = "P2Y"
max = "P3Y"
source = "a law"
evidence = "secondary"
verified = true

[[rules]]
id = "GB-ABANDON"
in = "GB"
kind = "abandoned"
basis = "regulator-policy"
audience = "any"
purpose = "any"
mode = "automated"
max_pct = 3.0
window = "P1D"
window_type = "calendar_day"
source = "a policy"
evidence = "secondary"
verified = true

[[rules]]
id = "DEFAULT-HOURS"
in = "*"
kind = "hours"
basis = "product-default"
audience = "any"
purpose = "any"
mode = "any"
windows = { mon = ["09:00-20:00"] }
holiday = "same"
source = "none found"
evidence = "recall"
verified = false
"#;

pub(super) const HOLIDAYS: &str = r#"
[table]
generated_by = "by hand"
years = [2026, 2027]

[[calendars]]
code = "FR"
name = "France"
days = [
    { date = 2026-05-25, name = "Whit Monday" },
    { date = 2026-11-24, name = "A Tuesday" },
]
"#;

/// Compiles the small pack.
pub(super) fn set() -> Arc<RuleSet> {
    compile(PACK, HOLIDAYS).map(Arc::new).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(super) fn compile(pack: &str, holidays: &str) -> Result<RuleSet, Vec<Problem>> {
    RuleSet::compile(("pack.toml", pack), ("holidays.toml", holidays))
}
