#!/bin/sh
# Makes the fixtures of requests that are odd but readable, with OpenSSL 3.0 and python3 (standard library only); see
# README.md. Every run makes new keys and so other files. The private keys are thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/ec.key" 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out "$work/e3.key" 2>/dev/null

# request NAME KEY, the sections of the configuration on standard input
request() {
    { printf '[req]\nprompt = no\ndistinguished_name = dn\n'; cat; } >"$work/$1.cnf"
    openssl req -new -utf8 -sha256 -key "$work/$2.key" -config "$work/$1.cnf" -out "$1.pem"
}

request exponent-3 e3 <<'CNF'
[dn]
CN = example.com
CNF
request country-uk ec <<'CNF'
[dn]
C = UK
CN = example.com
CNF
request dns-names ec <<'CNF'
req_extensions = extensions
[dn]
CN = example.com
[extensions]
subjectAltName = DNS:192.0.2.1, DNS:2001\:db8\:\:1, DNS:my_host.example, DNS:a..example, DNS:www.example.com
CNF
request names-in-subject ec <<'CNF'
attributes = attributes
[dn]
CN = www.example.com/subjectAltName=DNS.1=a.example
subjectAltName = DNS:b.example
unstructuredName = DNS:c.example
[attributes]
unstructuredName = dns=d.example
CNF
request templates ec <<'CNF'
req_extensions = extensions
[dn]
CN = example.com
[extensions]
1.3.6.1.4.1.311.20.2 = ASN1:BMPSTRING:User
1.3.6.1.4.1.311.21.7 = ASN1:SEQUENCE:template
1.3.6.1.4.1.311.21.10 = ASN1:SEQUENCE:policies
certificatePolicies = 1.2.3.4
nsComment = made by hand
[template]
id = OID:1.3.6.1.4.1.311.21.8.4074517.23
major = INTEGER:100
minor = INTEGER:4
[policies]
one = SEQUENCE:client
two = SEQUENCE:other
[client]
id = OID:1.3.6.1.5.5.7.3.2
[other]
id = OID:1.2.3.4.5
CNF
WORK="$work" python3 more.py
