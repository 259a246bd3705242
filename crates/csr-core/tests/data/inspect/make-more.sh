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
request authority ec <<'CNF'
req_extensions = extensions
[dn]
CN = Example Issuing CA 1
[extensions]
basicConstraints = critical,CA:TRUE,pathlen:0
nameConstraints = critical,permitted;DNS:example.com,permitted;IP:10.0.0.0/255.0.0.0,permitted;IP:2001:db8::/ffff:ffff::,permitted;email:.example.com,permitted;dirName:below,excluded;IP:10.1.0.0/255.0.255.0,excluded;URI:.example.org
certificatePolicies = 2.23.140.1.2.1,@policy,2.5.29.32.0
policyConstraints = requireExplicitPolicy:3,inhibitPolicyMapping:0
inhibitAnyPolicy = 2
authorityInfoAccess = OCSP;URI:http://ocsp.example.com,caIssuers;URI:http://ca.example.com/ca.cer,1.2.3.4;DNS:example.com
subjectInfoAccess = caRepository;URI:http://ca.example.com/all
crlDistributionPoints = URI:http://crl.example.com/a.crl,crl
issuerAltName = email:ca@example.com,URI:http://ca.example.com
nsCertType = server,sslCA
1.2.840.113549.1.9.15 = ASN1:SEQUENCE:capabilities
1.3.6.1.4.1.311.25.2 = ASN1:SEQUENCE:security
1.2.3.1 = ASN1:FORMAT:UTF8,UTF8:grün
1.2.3.2 = ASN1:PRINTABLESTRING:plain
1.2.3.3 = ASN1:IA5STRING:a@b
1.2.3.4 = ASN1:BMP:wide
1.2.3.5 = ASN1:INTEGER:-129
1.2.3.6 = ASN1:BOOLEAN:true
1.2.3.7 = ASN1:OID:1.2.3.4.5
1.2.3.8 = critical,ASN1:NULL
1.2.3.9 = ASN1:SEQUENCE:pair
[below]
C = GB
O = Example Ltd
[policy]
policyIdentifier = 1.3.6.1.4.1.99999.1
CPS.1 = https://example.com/cps
userNotice.1 = @notice
[notice]
explicitText = "UTF8:For tests only"
organization = Example Ltd
noticeNumbers = 1,2
[crl]
fullname = URI:ldap://ldap.example.com/cn=crl,DNS:crl.example.com
CRLissuer = dirName:below
reasons = keyCompromise,CACompromise
[capabilities]
1 = SEQUENCE:aes
2 = SEQUENCE:rc2
[aes]
1 = OID:2.16.840.1.101.3.4.1.42
[rc2]
1 = OID:1.2.840.113549.3.2
2 = INTEGER:128
[security]
1 = IMPLICIT:0,SEQUENCE:sid
[sid]
1 = OID:1.3.6.1.4.1.311.25.2.1
2 = EXPLICIT:0,FORMAT:ASCII,OCTETSTRING:S-1-5-21-1-2-3-500
[pair]
1 = INTEGER:1
2 = INTEGER:2
CNF
WORK="$work" python3 more.py
