//! Country codes (ISO 3166-1 alpha-2), which RFC 5280 Appendix A.1 requires in C.

/// The officially assigned codes, in order.
const CODES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Whether this is an assigned code, in capitals.
pub(crate) fn is_country_code(code: &str) -> bool {
    code.len() == 2 && CODES.split_ascii_whitespace().any(|assigned| assigned == code)
}

/// The code for what people write instead, in capitals.
pub(crate) fn meant_by(given: &str) -> Option<&'static str> {
    Some(match given {
        "UK" | "GBR" | "UNITED KINGDOM" | "GREAT BRITAIN" | "ENGLAND" => "GB",
        "EL" | "GRC" | "GREECE" => "GR",
        "USA" | "U.S." | "U.S.A." | "UNITED STATES" | "UNITED STATES OF AMERICA" => "US",
        "CHN" | "PRC" | "CHINA" | "中国" | "中國" => "CN",
        "DEU" | "GER" | "GERMANY" | "DEUTSCHLAND" => "DE",
        "FRA" | "FRANCE" => "FR",
        "JPN" | "JAPAN" | "日本" => "JP",
        "IND" | "INDIA" => "IN",
        "CHE" | "SUI" | "SWITZERLAND" => "CH",
        "NLD" | "HOLLAND" | "NETHERLANDS" => "NL",
        "ESP" | "SPAIN" => "ES",
        "ITA" | "ITALY" => "IT",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_codes_are_the_249_assigned_ones_in_order() {
        let codes: Vec<_> = CODES.split_ascii_whitespace().collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b));
        assert!(codes.iter().all(|code| is_country_code(code)));
        // Reserved, withdrawn and user-assigned codes, and texts that are no codes.
        for other in ["UK", "EU", "SU", "AN", "XK", "ZZ", "AA", "cn", "C", "", "CN ", "AD AE"] {
            assert!(!is_country_code(other), "{other}");
        }
        for (given, code) in [("UK", "GB"), ("EL", "GR"), ("USA", "US"), ("中国", "CN")] {
            assert_eq!(meant_by(given), Some(code));
            assert!(is_country_code(code));
        }
    }
}
