use serde::Serialize;

/// The organization a certificate is for: the API's four company fields. A field that is left out is `""`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Company {
    /// Two-letter country code: C.
    #[serde(rename = "company_country")]
    pub country: String,
    /// Province or state: ST.
    #[serde(rename = "company_province")]
    pub province: String,
    /// City: L.
    #[serde(rename = "company_city")]
    pub city: String,
    /// The company's name: O.
    #[serde(rename = "company_name")]
    pub name: String,
}

impl Company {
    /// Fills empty fields from an organization profile.
    pub fn fill_from(&mut self, profile: &Self) {
        let Self { country, province, city, name } = self;
        let fill = |field: &mut String, from: &String| {
            if field.is_empty() {
                field.clone_from(from);
            }
        };
        fill(country, &profile.country);
        fill(province, &profile.province);
        fill(city, &profile.city);
        fill(name, &profile.name);
    }
}
