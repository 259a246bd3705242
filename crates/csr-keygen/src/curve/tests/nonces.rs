//! Nonces: distinct, uniform, and RFC 6979's if nothing is added.

use std::collections::HashSet;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::*;
use crate::curve::params::{self, CurveParams, Scalar};
use crate::curve::residue::{Modulus, Residue};
use crate::curve::scalar::{self, NonceSource, Nonces};
use crate::curve::signature::sign_digest_over;
use crate::drbg::{DrbgMac, HmacDrbg};
use crate::safegcd::Masks;

#[test]
fn stuck_source_gives_distinct_nonces_for_distinct_messages() {
    // r determines ±k: equal nonces would give equal r.
    let mut seen = HashSet::new();
    for curve in CURVES {
        let key = generate(curve, &mut rng(7)).unwrap();
        for message in 0..1_000u32 {
            let digest = &Sha384::digest(message.to_be_bytes())[..curve.octets()];
            let signature = key.sign_digest(digest, &mut rng(8)).unwrap();
            assert!(seen.insert(signature.r().to_vec()));
        }
    }
}

/// The nonces of production: RFC 6979 §3.2 with §3.6's added randomness, written out with
/// HMAC-SHA-256.
#[test]
fn nonces_follow_from_key_digest_and_randomness() {
    let mac = |key: &[u8], parts: &[&[u8]]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().to_vec()
    };
    for curve in CURVES {
        let key = generate(curve, &mut rng(12)).unwrap();
        let digest = vec![0x5a; curve.octets()]; // below n, so that it is its own residue
        let signature = key.sign_digest(&digest, &mut rng(13)).unwrap();

        let added = random_octets(&mut rng(13), 32);
        let (mut k, mut v) = (vec![0; 32], vec![1; 32]);
        for separator in [0, 1] {
            k = mac(&k, &[&v, &[separator], key.scalar(), &digest, &added]);
            v = mac(&k, &[&v]);
        }
        let mut expected = vec![];
        while expected.len() < curve.octets() {
            v = mac(&k, &[&v]);
            expected.extend_from_slice(&v);
        }
        expected.truncate(curve.octets());

        let mut nonce = vec![0; curve.octets()];
        match curve {
            Curve::P256 => {
                scalar::to_octets(&recover::<params::P256, 4>(key.scalar(), &digest, &signature), &mut nonce);
            }
            Curve::P384 => {
                scalar::to_octets(&recover::<params::P384, 6>(key.scalar(), &digest, &signature), &mut nonce);
            }
            Curve::Sm2 => {
                scalar::to_octets(&recover::<params::Sm2, 4>(key.scalar(), &digest, &signature), &mut nonce);
            }
        }
        assert_eq!(nonce, expected, "{curve:?}");
    }
}

#[test]
fn working_source_gives_distinct_nonces_for_the_same_message() {
    let mut rng = rng(9);
    let mut seen = HashSet::new();
    for curve in CURVES {
        let key = generate(curve, &mut rng).unwrap();
        for _ in 0..1_000 {
            let signature = key.sign_digest(&vec![1; curve.octets()], &mut rng).unwrap();
            assert!(seen.insert(signature.r().to_vec()));
        }
    }
}

/// The nonce of a signature whose key is known: ECDSA k = (e + r·d)/s, SM2 k = s·(1 + d) + r·d.
fn recover<C: CurveParams<N>, const N: usize>(d: &[u8], digest: &[u8], signature: &Signature) -> [u64; N] {
    let [d, e, r, s] = [d, digest, signature.r(), signature.s()]
        .map(|octets| Scalar::<C, N>::from_integer(&scalar::from_octets(octets)));
    match C::SCHEME {
        params::Scheme::Ecdsa => e.add(r.mul(d)).mul(s.invert::<Masks>()),
        params::Scheme::Sm2 => s.mul(d.add(Residue::ONE)).add(r.mul(d)),
    }
    .to_integer()
}

/// χ² of the recovered nonces' top octet, lowest octet and bit counts, against bounds that a
/// uniform source exceeds with a probability of about 10^-9 per test.
fn nonces_are_uniform(curve: Curve, count: usize) {
    let mut rng = rng(10);
    let key = generate(curve, &mut rng).unwrap();
    let words = curve.octets() / 8;
    let (mut top, mut low) = ([0f64; 256], [0f64; 256]);
    let mut bits = vec![0f64; 64 * words];
    for _ in 0..count {
        let digest = random_octets(&mut rng, curve.octets());
        let signature = key.sign_digest(&digest, &mut rng).unwrap();
        let nonce: Vec<u64> = match curve {
            Curve::P256 => recover::<params::P256, 4>(key.scalar(), &digest, &signature).to_vec(),
            Curve::P384 => recover::<params::P384, 6>(key.scalar(), &digest, &signature).to_vec(),
            Curve::Sm2 => recover::<params::Sm2, 4>(key.scalar(), &digest, &signature).to_vec(),
        };
        top[usize::try_from(nonce[words - 1] >> 56).unwrap()] += 1.0;
        low[usize::try_from(nonce[0] & 0xff).unwrap()] += 1.0;
        for (i, bit) in bits.iter_mut().enumerate() {
            *bit += f64::from(u8::try_from(nonce[i / 64] >> (i % 64) & 1).unwrap());
        }
    }
    let n = f64::from(u32::try_from(count).unwrap());
    for cells in [top, low] {
        let chi2: f64 = cells.iter().map(|seen| (seen - n / 256.0).powi(2) / (n / 256.0)).sum();
        assert!(chi2 < 255.0 + 6.5 * (2.0 * 255.0f64).sqrt(), "{curve:?}: χ² = {chi2}");
    }
    // SM2's n = 2^256 − 2^224 − … shifts the share of a bit by 2^-32, far too little to be visible.
    for (i, bit) in bits.iter().enumerate() {
        let z = (bit - n / 2.0) / (n / 4.0).sqrt();
        assert!(z.abs() < 6.5, "{curve:?} bit {i}: z = {z}");
    }
}

#[test]
fn recovered_nonces_are_uniform() {
    CURVES.into_iter().for_each(|curve| nonces_are_uniform(curve, 5_000));
}

#[test]
#[ignore = "a long run: set CSR_ROUNDS"]
fn many_recovered_nonces_are_uniform() {
    CURVES.into_iter().for_each(|curve| nonces_are_uniform(curve, rounds(100_000)));
}

/// RFC 6979 A.2.5 and A.2.6: (curve, d, digest's message, k, r, s), no added randomness.
const RFC6979: [(Curve, &str, &str, &str, &str, &str); 4] = [
    (
        Curve::P256,
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        "sample",
        "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    ),
    (
        Curve::P256,
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        "test",
        "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0",
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
        "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
    ),
    (
        Curve::P384,
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
        "sample",
        "94ED910D1A099DAD3254E9242AE85ABDE4BA15168EAF0CA87A555FD56D10FBCA2907E3E83BA95368623B8C4686915CF9",
        "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
        "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
    ),
    (
        Curve::P384,
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
        "test",
        "015EE46A5BF88773ED9123A5AB0807962D193719503C527B031B4C2D225092ADA71F4A459BC0DA98ADB95837DB8312EA",
        "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB",
        "DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5",
    ),
];

#[test]
fn nonces_and_signatures_are_those_of_rfc_6979() {
    for (curve, d, message, k, r, s) in RFC6979 {
        let d = unhex(d);
        for backend in Backend::available() {
            let (digest, signature) = match curve {
                Curve::P256 => {
                    let digest = Sha256::digest(message).to_vec();
                    let signature = sign_digest_over::<params::P256, Hmac<Sha256>, 4>(
                        backend,
                        &scalar::from_octets(&d),
                        &digest,
                        &[],
                    );
                    (digest, signature.unwrap())
                }
                _ => {
                    let digest = Sha384::digest(message).to_vec();
                    let signature = sign_digest_over::<params::P384, Hmac<Sha384>, 6>(
                        backend,
                        &scalar::from_octets(&d),
                        &digest,
                        &[],
                    );
                    (digest, signature.unwrap())
                }
            };
            assert_eq!((signature.r(), signature.s()), (&*unhex(r), &*unhex(s)));
            match curve {
                Curve::P256 => {
                    let nonce = recover::<params::P256, 4>(&d, &digest, &signature);
                    assert_eq!(nonce, scalar::from_octets(&unhex(k)));
                }
                _ => {
                    let nonce = recover::<params::P384, 6>(&d, &digest, &signature);
                    assert_eq!(nonce, scalar::from_octets(&unhex(k)));
                }
            }
        }
    }
}

/// A.2.5 and A.2.6 with hash functions longer or shorter than the order: (curve, hash function, message, r, s).
const RFC6979_OF_OTHER_DIGESTS: [(Curve, crate::Digest, &str, &str, &str); 8] = [
    (
        Curve::P256,
        crate::Digest::Sha384,
        "sample",
        "0EAFEA039B20E9B42309FB1D89E213057CBF973DC0CFC8F129EDDDC800EF7719",
        "4861F0491E6998B9455193E34E7B0D284DDD7149A74B95B9261F13ABDE940954",
    ),
    (
        Curve::P256,
        crate::Digest::Sha512,
        "sample",
        "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00",
        "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE",
    ),
    (
        Curve::P256,
        crate::Digest::Sha384,
        "test",
        "83910E8B48BB0C74244EBDF7F07A1C5413D61472BD941EF3920E623FBCCEBEB6",
        "8DDBEC54CF8CD5874883841D712142A56A8D0F218F5003CB0296B6B509619F2C",
    ),
    (
        Curve::P256,
        crate::Digest::Sha512,
        "test",
        "461D93F31B6540894788FD206C07CFA0CC35F46FA3C91816FFF1040AD1581A04",
        "39AF9F15DE0DB8D97E72719C74820D304CE5226E32DEDAE67519E840D1194E55",
    ),
    (
        Curve::P384,
        crate::Digest::Sha256,
        "sample",
        "21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33BDE1E888E63355D92FA2B3C36D8FB2CD",
        "F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEBEFDC63ECCD1AC42EC0CB8668A4FA0AB0",
    ),
    (
        Curve::P384,
        crate::Digest::Sha512,
        "sample",
        "ED0959D5880AB2D869AE7F6C2915C6D60F96507F9CB3E047C0046861DA4A799CFE30F35CC900056D7C99CD7882433709",
        "512C8CCEEE3890A84058CE1E22DBC2198F42323CE8ACA9135329F03C068E5112DC7CC3EF3446DEFCEB01A45C2667FDD5",
    ),
    (
        Curve::P384,
        crate::Digest::Sha256,
        "test",
        "6D6DEFAC9AB64DABAFE36C6BF510352A4CC27001263638E5B16D9BB51D451559F918EEDAF2293BE5B475CC8F0188636B",
        "2D46F3BECBCC523D5F1A1256BF0C9B024D879BA9E838144C8BA6BAEB4B53B47D51AB373F9845C0514EEFB14024787265",
    ),
    (
        Curve::P384,
        crate::Digest::Sha512,
        "test",
        "A0D5D090C9980FAF3C2CE57B7AE951D31977DD11C775D314AF55F76C676447D06FB6495CD21B4B6E340FC236584FB277",
        "976984E59B4C77B0E8E4460DCA3D9F20E07B9BB1F63BEEFAF576F6B2E8B224634A2092CD3792E0159AD9CEE37659C736",
    ),
];

/// Signs without added randomness, with nonces from the HMAC `H`.
fn deterministic<H: DrbgMac>(backend: Backend, curve: Curve, d: &[u8], digest: &[u8]) -> Signature {
    let signature = match curve {
        Curve::P256 => sign_digest_over::<params::P256, H, 4>(backend, &scalar::from_octets(d), digest, &[]),
        _ => sign_digest_over::<params::P384, H, 6>(backend, &scalar::from_octets(d), digest, &[]),
    };
    signature.unwrap()
}

#[test]
fn signatures_of_longer_and_shorter_digests_are_those_of_rfc_6979() {
    for (curve, hash, message, r, s) in RFC6979_OF_OTHER_DIGESTS {
        let (_, d, ..) = RFC6979.iter().find(|vector| vector.0 == curve).unwrap();
        let sign = match hash {
            crate::Digest::Sha256 => deterministic::<Hmac<Sha256>>,
            crate::Digest::Sha384 => deterministic::<Hmac<Sha384>>,
            crate::Digest::Sha512 => deterministic::<Hmac<Sha512>>,
        };
        for backend in Backend::available() {
            let signature = hash.of(message.as_bytes(), |digest| sign(backend, curve, &unhex(d), digest));
            assert_eq!((signature.r(), signature.s()), (&*unhex(r), &*unhex(s)), "{curve:?} {hash}");
        }
    }
}

#[test]
fn candidates_are_those_of_rfc_6979_a_1() {
    // A.1: K-163 with SHA-256 of "sample"; T1 and T2 are not below q, T3 gives k. (163 bits:
    // shifted right by 5.)
    let x = unhex("009A4D6792295A7F730FC3F2B49CBC0F62E862272F");
    let h = unhex("01795EDF0D54DB760F156D0DAC04C0322B3A204224");
    let mut drbg = HmacDrbg::<Hmac<Sha256>>::new(&[&x, &h]);
    for t in [
        "9305A46DE7FF8EB107194DEBD3FD48AA20D5E7656C",
        "C70C78608A3B5BE9289BE90EF6E81A9E2C1516D575",
        "475E80E992140567FCC3A50DAB90FE84BCD7BB0363",
    ] {
        let mut output = [0; 21];
        drbg.generate(&mut output);
        let hex: String = output.iter().map(|octet| format!("{octet:02X}")).collect();
        assert_eq!(hex, t);
    }
}

#[test]
fn nonce_out_of_range_is_rejected() {
    // A P-256 candidate is n or more with a probability of 2^-32, and no message with one is known,
    // so this tests the function that draws the nonces directly.
    let script = [params::P256Order::LIMBS, [0; 4], [u64::MAX; 4], [9, 0, 0, 0]];
    let mut next = script.iter();
    let k = scalar::draw::<params::P256Order, 4>(0, |octets| {
        scalar::to_octets(next.next().unwrap(), octets);
        Ok(())
    });
    assert_eq!(*k.unwrap(), [9, 0, 0, 0]);
    assert!(next.next().is_none());
}

#[test]
fn nonces_of_one_signature_differ() {
    let mut nonces = Nonces::<Hmac<Sha256>>::new(&[1, 2, 3, 4], &[5, 6, 7, 8], &[]);
    let mut next = || NonceSource::<params::P256, 4>::next_nonce(&mut nonces).unwrap();
    let seen: HashSet<[u64; 4]> = (0..100).map(|_| *next()).collect();
    assert_eq!(seen.len(), 100);
}
