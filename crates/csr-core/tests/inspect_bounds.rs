//! What is told of a request grows no faster than the request. Work that grows with the square of its size would show as a
//! test that does not end: these requests have up to a million pieces.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect;
use inspect_fixtures::{der, request, tlv};

/// The most that `csr inspect` reads.
const SIZE: usize = 4 << 20;
/// Of the output to the input. Escapes of control characters alone make six of JSON.
const FACTOR: usize = 12;

fn key() -> Vec<u8> {
    inspect(&der("ec-p256")).unwrap().public_key_der().to_vec()
}

/// `piece` as often as it fits.
fn many(piece: &[u8]) -> Vec<u8> {
    piece.repeat((SIZE - 4096) / piece.len())
}

/// Numbered pieces, so that no two are the same.
fn numbered(piece: impl Fn([u8; 4]) -> Vec<u8>) -> Vec<u8> {
    let mut all = Vec::with_capacity(SIZE);
    for number in 0_u32.. {
        let [a, b, c, d] = number.to_be_bytes();
        // As arcs of an OBJECT IDENTIFIER, or letters.
        let piece = piece([a, b, c, d].map(|byte| b'a' + byte % 26));
        if all.len() + piece.len() > SIZE - 4096 {
            break;
        }
        all.extend(piece);
    }
    all
}

fn extensions(extensions: &[u8]) -> Vec<u8> {
    let oid = tlv(0x06, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x0E]);
    tlv(0x30, &[oid, tlv(0x31, &tlv(0x30, extensions))].concat())
}

fn sans(names: &[u8]) -> Vec<u8> {
    let oid = tlv(0x06, &[0x55, 0x1D, 0x11]);
    extensions(&tlv(0x30, &[oid, tlv(0x04, &tlv(0x30, names))].concat()))
}

fn rdn(value: &[u8]) -> Vec<u8> {
    tlv(0x31, &tlv(0x30, &[&tlv(0x06, &[0x55, 0x04, 0x0B]), value].concat()))
}

#[test]
fn what_is_told_of_4_mib_is_bounded() {
    let key = key();
    let subject = |subject: &[u8]| request(subject, &key, &[]);
    let attributes = |attributes: &[u8]| request(&[], &key, attributes);
    let named = |arcs: [u8; 4], value: &[u8]| {
        tlv(0x30, &[&tlv(0x06, &[&[0x2A][..], &arcs].concat()), value].concat())
    };
    let controls = vec![0x80; SIZE - 4096];
    let shapes = [
        ("empty names", attributes(&sans(&many(&[0x82, 0])))),
        ("malformed names", attributes(&sans(&many(&[0x87, 0])))),
        ("bad names", attributes(&sans(&numbered(|text| tlv(0x82, &[&text[..], b"_"].concat()))))),
        ("long names", attributes(&sans(&many(&tlv(0x82, &[0x01; 60_000]))))),
        ("one name", attributes(&sans(&tlv(0x82, &controls.iter().map(|_| 1).collect::<Vec<u8>>())))),
        ("directory names", attributes(&sans(&many(&tlv(0xA4, &tlv(0x30, &rdn(&tlv(0x14, &[0x80; 200])))))))),
        ("empty directory names", attributes(&sans(&many(&[0xA4, 2, 0x30, 0])))),
        ("other names", attributes(&sans(&many(&tlv(0xA0, &[6, 1, 0x2A, 0xA0, 2, 5, 0]))))),
        ("extensions", attributes(&extensions(&numbered(|arcs| named(arcs, &[0x04, 0]))))),
        ("same extensions", attributes(&extensions(&many(&named(*b"abcd", &[0x04, 0]))))),
        ("malformed extensions", attributes(&extensions(&numbered(|arcs| named(arcs, &[5, 0]))))),
        ("extensions that are none", attributes(&extensions(&many(&[5, 0])))),
        ("empty extension requests", attributes(&many(&extensions(&[])))),
        ("attributes", attributes(&numbered(|arcs| named(arcs, &[0x31, 2, 5, 0])))),
        ("attributes without values", attributes(&numbered(|arcs| named(arcs, &[0x31, 0])))),
        ("attributes that are none", attributes(&many(&[5, 0]))),
        ("values", attributes(&named(*b"abcd", &tlv(0x31, &many(&[5, 0]))))),
        ("long identifiers", attributes(&many(&tlv(0x30, &tlv(0x06, &[0x7F; 120]))))),
        ("key purposes", {
            let purposes = tlv(0x30, &many(&[6, 1, 0x2A]));
            attributes(&extensions(&tlv(
                0x30,
                &[tlv(0x06, &[0x55, 0x1D, 0x25]), tlv(0x04, &purposes)].concat(),
            )))
        }),
        ("TLS features", {
            let features = tlv(0x30, &many(&[2, 1, 5]));
            let oid = tlv(0x06, &[0x2B, 6, 1, 5, 5, 7, 1, 0x18]);
            attributes(&extensions(&tlv(0x30, &[oid, tlv(0x04, &features)].concat())))
        }),
        ("names of the issuer", {
            let names = tlv(0x30, &many(&[0x82, 0]));
            attributes(&extensions(&tlv(0x30, &[tlv(0x06, &[0x55, 0x1D, 18]), tlv(0x04, &names)].concat())))
        }),
        ("policies", {
            let policies = tlv(0x30, &many(&tlv(0x30, &[6, 1, 0x2A])));
            attributes(&extensions(&tlv(
                0x30,
                &[tlv(0x06, &[0x55, 0x1D, 32]), tlv(0x04, &policies)].concat(),
            )))
        }),
        ("numbers of notices", {
            let notice = tlv(0x30, &tlv(0x30, &[&[0x0C, 0], &tlv(0x30, &many(&[2, 1, 5]))[..]].concat()));
            let qualifier = tlv(0x30, &[&tlv(0x06, &[0x2B, 6, 1, 5, 5, 7, 2, 2]), &notice[..]].concat());
            let policy = tlv(0x30, &[&[6, 1, 0x2A][..], &tlv(0x30, &qualifier)].concat());
            let value = tlv(0x04, &tlv(0x30, &policy));
            attributes(&extensions(&tlv(0x30, &[tlv(0x06, &[0x55, 0x1D, 32]), value].concat())))
        }),
        ("lists of issuer names", {
            let one = tlv(
                0x30,
                &[tlv(0x06, &[0x55, 0x1D, 18]), tlv(0x04, &tlv(0x30, &[0x82, 0].repeat(50)))].concat(),
            );
            attributes(&extensions(&many(&one)))
        }),
        ("texts", attributes(&extensions(&numbered(|arcs| named(arcs, &tlv(0x04, &[0x0C, 1, 1])))))),
        (
            "a long text",
            attributes(&extensions(&named(*b"abcd", &tlv(0x04, &tlv(0x0C, &vec![1; SIZE - 4096]))))),
        ),
        ("relative names", subject(&many(&rdn(&[5, 0])))),
        ("a relative name of many values", {
            let value = tlv(0x30, &[&tlv(0x06, &[0x55, 0x04, 0x0B])[..], &[0x0C, 0]].concat());
            subject(&tlv(0x31, &many(&value)))
        }),
        ("empty relative names", subject(&many(&[0x31, 0]))),
        ("bad values", subject(&numbered(|text| rdn(&tlv(0x13, &[&text[..], b"@\x01"].concat()))))),
        ("controls", subject(&rdn(&tlv(0x14, &controls)))),
        ("commas", subject(&rdn(&tlv(0x0C, &vec![b','; SIZE - 4096])))),
        ("unknown bytes", attributes(&named(*b"abcd", &tlv(0x31, &tlv(0x04, &controls))))),
    ];
    for (name, input) in shapes {
        assert!(input.len() > SIZE / 2 && input.len() <= SIZE, "{name}: {} bytes", input.len());
        let inspection = inspect(&input).unwrap_or_else(|error| panic!("{name}: {error}"));
        let json = serde_json::to_string_pretty(&inspection).unwrap();
        let text: usize = inspection.sans.iter().map(|name| name.to_string().len()).sum::<usize>()
            + inspection.subject.one_line.len()
            + inspection.warnings.iter().map(|warning| warning.to_string().len()).sum::<usize>()
            + inspection.malformed.iter().map(|piece| piece.to_string().len()).sum::<usize>()
            + inspection.extensions.iter().map(|extension| extension.value.to_string().len()).sum::<usize>();
        assert!(json.len() < FACTOR * input.len(), "{name}: {} bytes of JSON", json.len());
        assert!(text < FACTOR * input.len(), "{name}: {text} bytes of text");
        assert!(inspection.warnings.len() < 64, "{name}: {} warnings", inspection.warnings.len());
        let longest = inspection.warnings.iter().map(|warning| warning.to_string().len()).max();
        assert!(longest < Some(1200), "{name}: a warning of {longest:?} bytes");
    }
}

/// A request of ten thousand names is none that is cut.
#[test]
fn every_one_of_20_000_names_is_shown() {
    let names = |count: u32| -> Vec<u8> {
        (0..count).flat_map(|number| tlv(0x82, format!("h{number}.example").as_bytes())).collect()
    };
    let inspection = inspect(&request(&[], &key(), &sans(&names(20_000)))).unwrap();
    assert_eq!((inspection.sans.len(), inspection.warnings.len()), (20_000, 0));
    let inspection = inspect(&request(&[], &key(), &sans(&names(20_003)))).unwrap();
    assert_eq!(inspection.sans.len(), 20_000);
    let told: Vec<_> = inspection.unread_names().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["an entry of the extension subjectAltName after the first 20,000 is not shown (3 times)"]
    );
}

#[test]
fn malformed_names_after_the_first_1_000_are_only_counted() {
    let names = [[0x87, 0].repeat(1003), tlv(0x82, b"example.com")].concat();
    let inspection = inspect(&request(&[], &key(), &sans(&names))).unwrap();
    assert_eq!(inspection.sans.len(), 1001);
    assert_eq!(inspection.sans[1000].to_string(), "DNS:example.com");
    let told: Vec<_> = inspection.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["the iPAddress is malformed: it has neither 4 nor 16 bytes (1,003 times)"]);
}
