//! Writing DER: CSRs, public keys and signatures.
//!
//! Content goes straight into one buffer. A length is written when its content is complete, so no structure is measured
//! once per level of nesting.

use zeroize::Zeroizing;

use super::{StringType, tag};

/// A buffer of DER.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// The DER that `content` writes.
    pub(crate) fn der(content: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut writer = Self(Vec::with_capacity(128));
        content(&mut writer);
        writer.0
    }

    /// The DER of a secret that `content` writes, of at most `max` octets, so that the buffer does not grow and leaves no
    /// copy.
    pub(crate) fn secret_der(max: usize, content: impl FnOnce(&mut Self)) -> Zeroizing<Vec<u8>> {
        let mut writer = Self(Vec::with_capacity(max));
        content(&mut writer);
        debug_assert!(writer.0.len() <= max, "the buffer has grown");
        Zeroizing::new(writer.0)
    }

    /// A writer with room for a CSR of the usual length.
    pub(crate) fn for_csr() -> Self {
        Self(Vec::with_capacity(1024))
    }

    /// What was written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// What `content` writes. Unlike the whole, it is finished.
    pub(crate) fn written(&mut self, content: impl FnOnce(&mut Self)) -> &[u8] {
        let start = self.0.len();
        content(self);
        &self.0[start..]
    }

    /// An element around the DER that `content` writes. Gives what that gives.
    pub(crate) fn element<T>(&mut self, tag: u8, content: impl FnOnce(&mut Self) -> T) -> T {
        self.0.extend([tag, 0]);
        let start = self.0.len();
        let result = content(self);
        let length = self.0.len() - start;
        match u8::try_from(length) {
            Ok(length @ 0..0x80) => self.0[start - 1] = length,
            _ => {
                let octets = length.to_be_bytes();
                let octets = &octets[length.leading_zeros() as usize / 8..];
                #[expect(clippy::cast_possible_truncation, reason = "at most 8")]
                let count = octets.len() as u8;
                self.0[start - 1] = 0x80 | count;
                self.0.splice(start..start, octets.iter().copied());
            }
        }
        result
    }

    /// A SEQUENCE.
    pub(crate) fn sequence<T>(&mut self, content: impl FnOnce(&mut Self) -> T) -> T {
        self.element(tag::SEQUENCE, content)
    }

    /// A SET OF: elements as `write` writes them, in the order of their encodings (X.690 §11.6).
    pub(crate) fn set_of<T>(
        &mut self,
        tag: u8,
        elements: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        self.element(tag, |set| {
            let start = set.0.len();
            let mut lengths = Vec::new();
            for element in elements {
                lengths.push(set.written(|set| write(set, element)).len());
            }
            if lengths.len() > 1 {
                let mut unsorted = set.0.split_off(start);
                let mut sorted: Vec<_> =
                    lengths.iter().map(|length| unsorted.drain(..*length).collect::<Vec<_>>()).collect();
                sorted.sort();
                sorted.iter().for_each(|element| set.raw(element));
            }
        });
    }

    /// A primitive element.
    pub(crate) fn primitive(&mut self, tag: u8, value: &[u8]) {
        self.element(tag, |element| element.raw(value));
    }

    /// Finished DER, or the content of a primitive element.
    pub(crate) fn raw(&mut self, der: &[u8]) {
        self.0.extend_from_slice(der);
    }

    /// A BOOLEAN.
    pub(crate) fn boolean(&mut self, value: bool) {
        self.primitive(tag::BOOLEAN, &[if value { 0xff } else { 0 }]);
    }

    /// A PrintableString, IA5String or BMPString, which must be able to hold the text, or a UTF8String for any other type.
    pub(crate) fn string(&mut self, string_type: StringType, text: &str) {
        match string_type {
            StringType::Printable => self.primitive(tag::PRINTABLE_STRING, text.as_bytes()),
            StringType::Ia5 => self.primitive(tag::IA5_STRING, text.as_bytes()),
            StringType::Bmp => self.element(tag::BMP_STRING, |string| {
                text.encode_utf16().for_each(|unit| string.raw(&unit.to_be_bytes()));
            }),
            _ => self.primitive(tag::UTF8_STRING, text.as_bytes()),
        }
    }

    /// An OBJECT IDENTIFIER.
    pub(crate) fn oid(&mut self, oid: impl AsRef<[u8]>) {
        self.primitive(tag::OBJECT_IDENTIFIER, oid.as_ref());
    }

    /// An INTEGER of a number given as octets, most significant first.
    pub(crate) fn unsigned(&mut self, octets: &[u8]) {
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        self.element(tag::INTEGER, |integer| {
            // The first bit is the sign.
            if octets.get(zeros).is_none_or(|octet| octet >> 7 == 1) {
                integer.raw(&[0]);
            }
            integer.raw(&octets[zeros..]);
        });
    }

    /// An INTEGER.
    pub(crate) fn integer(&mut self, number: i128) {
        let octets = number.to_be_bytes();
        // As few octets as keep the sign, which is the first bit (X.690 §8.3.2).
        let redundant = |pair: &[u8]| matches!((pair[0], pair[1] >> 7), (0, 0) | (0xff, 1));
        let start = octets.windows(2).take_while(|pair| redundant(pair)).count();
        self.primitive(tag::INTEGER, &octets[start..]);
    }

    /// A BIT STRING of whole octets.
    pub(crate) fn bit_string(&mut self, octets: &[u8]) {
        self.element(tag::BIT_STRING, |bits| {
            bits.raw(&[0]); // no unused bits
            bits.raw(octets);
        });
    }

    /// A BIT STRING of named bits, given by their numbers below 16: trailing zeros are left out (X.690 §11.2.2).
    pub(crate) fn named_bits(&mut self, numbers: impl Iterator<Item = u32>) {
        let bits = numbers.fold(0u16, |bits, number| bits | 0x8000 >> number);
        let octets = bits.to_be_bytes();
        let used = if octets[1] != 0 { &octets[..] } else { &octets[..1] };
        let unused = used.last().map_or(0, |last| last.trailing_zeros().min(7));
        self.element(tag::BIT_STRING, |string| {
            #[expect(clippy::cast_possible_truncation, reason = "at most 7")]
            string.raw(&[unused as u8]);
            string.raw(used);
        });
    }

    /// An AlgorithmIdentifier (RFC 5280 §4.1.1.2).
    pub(crate) fn algorithm(&mut self, oid: impl AsRef<[u8]>, parameters: impl FnOnce(&mut Self)) {
        self.sequence(|algorithm| {
            algorithm.oid(oid);
            parameters(algorithm);
        });
    }
}

#[cfg(test)]
mod tests {
    use der::asn1::{BitString, UintRef};
    use der::{Decode, Encode};

    use super::*;

    #[test]
    fn lengths_of_every_form_decode() {
        for length in [0, 1, 127, 128, 129, 255, 256, 257, 65_535, 65_536, 70_000] {
            let octets = vec![0x5a; length];
            let der = Writer::der(|e| e.bit_string(&octets));
            assert_eq!(der, BitString::from_bytes(&octets).unwrap().to_der().unwrap(), "{length}");
            let nested = Writer::der(|e| e.sequence(|e| e.sequence(|e| e.bit_string(&octets))));
            let any = der::asn1::AnyRef::from_der(&nested).unwrap();
            assert_eq!(der::asn1::AnyRef::from_der(any.value()).unwrap().value(), der);
        }
    }

    #[test]
    fn integers_are_minimal_and_not_negative() {
        for octets in [&[0][..], &[1], &[0x7f], &[0x80], &[0xff; 32], &[0, 0, 0x80], &[0, 0, 1, 2]] {
            let der = Writer::der(|e| e.unsigned(octets));
            assert_eq!(der, UintRef::new(octets).unwrap().to_der().unwrap());
        }
        assert_eq!(Writer::der(|e| e.unsigned(&[])), [2, 1, 0]);
    }

    #[test]
    fn named_bits_have_no_trailing_zeros() {
        let bits = |numbers: &[u32]| Writer::der(|e| e.named_bits(numbers.iter().copied()));
        assert_eq!(bits(&[0]), [3, 2, 7, 0x80]);
        assert_eq!(bits(&[5, 0]), [3, 2, 2, 0x84]);
        assert_eq!(bits(&[7]), [3, 2, 0, 0x01]);
        assert_eq!(bits(&[0, 8]), [3, 3, 7, 0x80, 0x80]);
    }

    #[test]
    fn sets_are_in_the_order_of_their_encodings() {
        let set = Writer::der(|e| {
            e.set_of(tag::SET, [&[4, 2, 1, 2][..], &[4, 1, 9], &[2, 1, 3]], Writer::raw);
        });
        assert_eq!(set, [0x31, 10, 2, 1, 3, 4, 1, 9, 4, 2, 1, 2]);
    }
}
