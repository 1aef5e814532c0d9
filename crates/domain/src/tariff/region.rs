//! Where a tariff is to be had: `CA`, `US:CA`, `974`, `FR:974`, `GB:SW1*`.

/// One place of a tariff: a region's code, or a prefix of postcodes; in one country or in any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region<'a> {
    /// ISO 3166-1 alpha-2 code; none for any country.
    pub country: Option<&'a str>,
    /// The region's code or the first characters of postcodes, in capital letters where it has letters.
    pub code: &'a str,
    /// It may be the code of a region.
    pub is_region: bool,
    /// It may be the beginning of postcodes: it ends in `*` or has digits only.
    pub is_postcode: bool,
}

impl<'a> Region<'a> {
    /// Reads a place; `None` where the text is none.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (country, rest) = text.split_once(':').map_or((None, text), |(country, rest)| (Some(country), rest));
        let (code, starred) = rest.strip_suffix('*').map_or((rest, false), |code| (code, true));
        let is_country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        let well_formed =
            (1..=10).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (well_formed && country.is_none_or(is_country)).then(|| Self {
            country,
            code,
            is_region: !starred,
            is_postcode: starred || code.bytes().all(|b| b.is_ascii_digit()),
        })
    }

    /// Whether an address lies in it. Capital and small letters are the same.
    #[must_use]
    pub fn holds(&self, address: &Address<'_>) -> bool {
        let here = self.country.is_none_or(|country| country == address.country);
        let in_region = self.is_region && address.region.is_some_and(|region| region.eq_ignore_ascii_case(self.code));
        let begins =
            |postcode: &str| postcode.get(..self.code.len()).is_some_and(|start| start.eq_ignore_ascii_case(self.code));
        here && (in_region || (self.is_postcode && address.postcode.is_some_and(begins)))
    }
}

/// As much of an address as a tariff looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// ISO 3166-1 alpha-2 code.
    pub country: &'a str,
    /// State or region code.
    pub region: Option<&'a str>,
    /// Postal code.
    pub postcode: Option<&'a str>,
}

impl Address<'_> {
    /// Whether more is known than the country.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.region.is_some() || self.postcode.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_region_or_a_beginning_of_postcodes() {
        let address = |country, region, postcode| Address { country, region: Some(region), postcode: Some(postcode) };
        let (california, paris, london) =
            (address("US", "CA", "92270"), address("FR", "IDF", "75011"), address("GB", "LND", "sw1a 1aa"));
        for (text, holds) in [
            ("CA", [true, false, false]),
            ("ca", [true, false, false]),
            ("US:CA", [true, false, false]),
            ("FR:CA", [false, false, false]),
            ("75", [false, true, false]),
            ("FR:75", [false, true, false]),
            ("US:75", [false, false, false]),
            ("GB:SW1*", [false, false, true]),
            ("SW1", [false, false, false]),
        ] {
            let region = Region::parse(text).expect("a place");
            assert_eq!([california, paris, london].map(|address| region.holds(&address)), holds, "{text}");
        }
        assert!(
            ["", "*", "F:75", "fr:75", "é", "US:", "CALIFORNIA-X"].iter().all(|text| Region::parse(text).is_none())
        );
    }
}
