//! Subjects: who it is for, and values full of what other formats use as syntax.

use csr_core::{Company, CreateCsrRequest, CsrSpec, PrivateKeyAlgo, SubjectAttribute, Usage};

use crate::shapes::oid;
use crate::{Shape, Tool};

pub(super) fn shapes() -> Vec<Shape> {
    let mut all = requests();
    all.extend(organizations());
    all.extend(by_hand());
    all.extend(by_type());
    all
}

fn request(usage: Usage, sans: &str, company: [&str; 4]) -> CreateCsrRequest {
    let [country, province, city, name] = company.map(str::to_owned);
    CreateCsrRequest {
        name: "interop".to_owned(),
        domain_name: "example.com".to_owned(),
        sans: sans.to_owned(),
        // The fixture has the key already.
        private_key_algo: PrivateKeyAlgo::EcP256,
        usage,
        company: Company { country, province, city, name },
    }
}

fn requests() -> Vec<Shape> {
    let (personal, enterprise) = (Usage::Personal, Usage::Enterprise);
    vec![
        Shape::request("enterprise", request(enterprise, "", ["CN", "Beijing", "Beijing", "Example, Inc."]))
            .subject(["C=CN", "ST=Beijing", "L=Beijing", "O=Example, Inc.", "CN=example.com"])
            .sans(["DNS:example.com"]),
        Shape::request(
            "enterprise_chinese",
            request(
                enterprise,
                "*.例子.中国;198.51.100.4",
                ["cn", "广东省", "深圳市", "示例（深圳）科技有限公司"],
            ),
        )
        .subject(["C=CN", "ST=广东省", "L=深圳市", "O=示例（深圳）科技有限公司", "CN=example.com"])
        .sans(["DNS:example.com", "DNS:*.xn--fsqu00a.xn--fiqs8s", "IP:198.51.100.4"]),
        Shape::request("personal", request(personal, "", [""; 4])).only("example.com"),
        Shape::request("personal_part", request(personal, "", ["", "", "Köln", "Müller & Söhne"]))
            .subject(["L=Köln", "O=Müller & Söhne", "CN=example.com"])
            .sans(["DNS:example.com"]),
        Shape::request("personal_full", request(personal, "", ["FR", "Île-de-France", "Paris", "Moi"]))
            .subject(["C=FR", "ST=Île-de-France", "L=Paris", "O=Moi", "CN=example.com"])
            .sans(["DNS:example.com"]),
        Shape::request("blank_entries", request(personal, "; ;a.example; b.example ;;", ["", " ", "", ""]))
            .subject(["CN=example.com"])
            .sans(["DNS:example.com", "DNS:a.example", "DNS:b.example"]),
    ]
}

fn organizations() -> Vec<Shape> {
    [
        ("comma", "Example, Inc., CN=evil.example"),
        ("quotes", r#"The "Best" Company"#),
        ("quoted_whole", r#""Quoted""#),
        ("quote_alone", r#"""#),
        ("plus", "A+B + C=D"),
        ("backslash", r"back\slash\\ \, \2C end\"),
        ("spaces", "a   b"),
        ("hash_first", "#1 Company"),
        ("hash_hex", "#0C0341424344"),
        ("slashes", "/C=US/CN=evil.example/A\\/B"),
        ("equals", "CN=evil.example"),
        ("oid", "1.2.840.113549.1.9.1=x"),
        ("angle_brackets", "<a>; <b>"),
        ("punctuation", "O'Brien & Søn A/S (100%) @home_*!?$^~`|{}[]:.-"),
        ("one_character", "X"),
        ("chinese", "北京示例网络技术股份有限公司"),
        ("ideographic_space", "株式会社　例え"),
        ("emoji", "🦀 Crab & Sons 🦀"),
        ("right_to_left", "חברה لشركة"),
        ("cyrillic", "ООО «Ромашка»"),
        ("combining", "Cafe\u{301} A\u{30a}"),
        ("no_break_space", "a\u{a0}b"),
    ]
    .map(|(name, organization)| {
        let spec = CsrSpec::builder().domain("example.com").organization(organization);
        Shape::by_hand(name, spec)
            .subject([&format!("O={organization}"), "CN=example.com"])
            .sans(["DNS:example.com"])
    })
    .into()
}

fn by_hand() -> Vec<Shape> {
    let company = CsrSpec::builder().domain("example.com").country("GB");
    vec![
        Shape::by_hand(
            "unit_and_mail",
            company.clone().organizational_unit("R&D, \"Ops\"").email_address("a@b.example"),
        )
        .subject(["C=GB", "OU=R&D, \"Ops\"", "CN=example.com", "emailAddress=a@b.example"])
        .sans(["DNS:example.com"]),
        Shape::by_hand(
            "syntax_everywhere",
            company
                .province("ST, \"x\" + y")
                .city("#L=\\/;")
                .organization("O=<o>,CN=c\\")
                .organizational_unit("\\\"OU\\\""),
        )
        .subject([
            "C=GB",
            "ST=ST, \"x\" + y",
            "L=#L=\\/;",
            "O=O=<o>,CN=c\\",
            "OU=\\\"OU\\\"",
            "CN=example.com",
        ])
        .sans(["DNS:example.com"]),
    ]
}

/// Attributes in an order of one's own.
fn by_type() -> Vec<Shape> {
    use SubjectAttribute as Type;
    let spec = CsrSpec::builder;
    let every_type = [
        (Type::CommonName, "CN=Zoë Müller, Dr.", "Zoë Müller, Dr."),
        (Type::SerialNumber, "serialNumber=123-X/7", "123-X/7"),
        (Type::UserId, "UID=zoe.müller", "zoe.müller"),
        (Type::DomainComponent, "DC=com", "com"),
        (Type::DomainComponent, "DC=example", "example"),
        (Type::Street, "street=1 \"High\" Road; back", "1 \"High\" Road; back"),
        (Type::PostalCode, "postalCode=AB1 2CD", "AB1 2CD"),
        (Type::GivenName, "GN=Zoë", "Zoë"),
        (Type::Surname, "SN=Müller", "Müller"),
        (Type::Title, "title=#1", "#1"),
        (Type::Pseudonym, "pseudonym=z\\z", "z\\z"),
        (Type::DnQualifier, "dnQualifier=A.B", "A.B"),
        (Type::OrganizationIdentifier, "organizationIdentifier=VATGB-123456789", "VATGB-123456789"),
        (Type::BusinessCategory, "businessCategory=Private Organization", "Private Organization"),
        (Type::EmailAddress, "emailAddress=z@example.com", "z@example.com"),
        (Type::Organization, "O=示例有限公司", "示例有限公司"),
        (Type::Country, "C=GB", "GB"),
        (Type::OrganizationalUnit, "OU=A, B", "A, B"),
        (Type::OrganizationalUnit, "OU=A + B=C", "A + B=C"),
    ];
    let every =
        every_type.iter().fold(spec(), |spec, (r#type, _, value)| spec.subject_attribute(*r#type, value));
    vec![
        Shape::by_hand("every_type", every).subject(every_type.map(|(_, expected, _)| expected)),
        Shape::by_hand(
            "own_order",
            spec()
                .domain("example.com")
                .subject_attribute(Type::CommonName, "example.com")
                .subject_attribute(Type::Organization, "Example Ltd")
                .subject_attribute(Type::Country, "gb"),
        )
        .subject(["CN=example.com", "O=Example Ltd", "C=GB"])
        .sans(["DNS:example.com"]),
        Shape::by_hand(
            "device",
            spec().common_name("Sensor 7").subject_attribute(Type::SerialNumber, "SN-0007"),
        )
        .subject(["serialNumber=SN-0007", "CN=Sensor 7"]),
        // In a relative name the order is that of DER (X.690 §11.6): here by length.
        Shape::by_hand(
            "joined",
            spec()
                .subject_attribute(Type::Organization, "Example + Ltd")
                .subject_attribute(Type::UserId, "zoe")
                .joined_subject_attribute(Type::CommonName, "Zoë + Co, Ltd")
                .joined_subject_attribute(Type::SerialNumber, "7")
                .subject_attribute(Type::Country, "GB"),
        )
        .subject(["O=Example + Ltd", "serialNumber=7", "+UID=zoe", "+CN=Zoë + Co, Ltd", "C=GB"]),
        Shape::by_hand(
            "type_by_identifier",
            spec()
                .subject_attribute(oid("1.3.6.1.4.1.55555.1"), "Any, \"text\"")
                .subject_attribute(oid("2.999.5"), "x"),
        )
        .subject(["1.3.6.1.4.1.55555.1=Any, \"text\"", "2.999.5=x"])
        // Its parser reads 2.999 as 3.16.55.
        .not_read_by([Tool::Rcgen]),
        Shape::by_hand("common_name_of_a_ca", spec().common_name("Example Issuing CA 1"))
            .subject(["CN=Example Issuing CA 1"]),
        Shape::by_hand("common_name_64_wide", spec().common_name("名".repeat(64)))
            .subject([format!("CN={}", "名".repeat(64))]),
        Shape::by_hand(
            "units",
            spec()
                .domain("example.com")
                .organization("Example")
                .organizational_unit("One, Two")
                .organizational_unit("Three")
                .organizational_unit("One, Two"),
        )
        .subject(["O=Example", "OU=One, Two", "OU=Three", "OU=One, Two", "CN=example.com"])
        .sans(["DNS:example.com"]),
    ]
}
