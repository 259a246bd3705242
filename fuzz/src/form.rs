//! Percent-encoding and the query of a URL, written down a second time.

/// Without percent-encoding: what is no `%` and two hexadecimal digits stays as it is.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).expect("two digits"));
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

/// All but RFC 3986's unreserved characters encoded.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match char::from(*byte) {
            c @ ('A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '_' | '.' | '~') => text.push(c),
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

/// The names and values of a query, decoded; `+` is a space.
pub fn parameters(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let value = |text: &str| decode(text.replace('+', " ").as_bytes());
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| match part.find('=') {
            Some(at) => (value(&part[..at]), value(&part[at + 1..])),
            None => (value(part), Vec::new()),
        })
        .collect()
}
