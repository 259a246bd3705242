#!/bin/sh
# Makes the fixtures of this folder with OpenSSL 3.0 and python3 (standard library only); see README.md.
# Every run makes new keys and so other files. The private keys are thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
subject='/C=CN/O=Example Ltd/CN=example.com'

# request NAME genpkey-arguments -- req-arguments
request() {
    name=$1
    shift
    keyargs=
    while [ "$1" != -- ]; do keyargs="$keyargs $1"; shift; done
    shift
    openssl genpkey $keyargs -out "$work/$name.key" 2>/dev/null
    openssl req -new -utf8 -key "$work/$name.key" -out "$name.pem" "$@"
}

cat > "$work/plain.cnf" <<'CNF'
[req]
prompt = no
distinguished_name = dn
[dn]
CNF
plain="-config $work/plain.cnf"

rsa='-algorithm RSA -pkeyopt rsa_keygen_bits:2048'
ec='-algorithm EC -pkeyopt ec_param_enc:named_curve -pkeyopt ec_paramgen_curve:'
request rsa-2048 $rsa -- $plain -subj "$subject" -sha256
request rsa-2048-sha384 $rsa -- $plain -subj "$subject" -sha384
request rsa-2048-sha512 $rsa -- $plain -subj "$subject" -sha512
request rsa-sha1 $rsa -- $plain -subj "$subject" -sha1
request rsa-1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -- $plain -subj "$subject" -sha256
request rsa-512 -algorithm RSA -pkeyopt rsa_keygen_bits:512 -- $plain -subj "$subject" -sha256
for hash in sha256 sha384 sha512 sha1; do
    request rsa-pss-$hash $rsa -- $plain -subj "$subject" -$hash -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1
done
request rsa-pss-key -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
    -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32 -- $plain -subj "$subject" -sha256
request ec-p256 ${ec}P-256 -- $plain -subj "$subject" -sha256
request ec-p256-sha512 ${ec}P-256 -- $plain -subj "$subject" -sha512
openssl ec -in "$work/ec-p256.key" -conv_form compressed -out "$work/ec-compressed.key" 2>/dev/null
openssl req -new -key "$work/ec-compressed.key" -out ec-compressed.pem $plain -subj "$subject" -sha256
request ec-p384 ${ec}P-384 -- $plain -subj "$subject" -sha384
request ec-p384-sha256 ${ec}P-384 -- $plain -subj "$subject" -sha256
request ec-p521 ${ec}P-521 -- $plain -subj "$subject" -sha512
request ec-p521-sha256 ${ec}P-521 -- $plain -subj "$subject" -sha256
request ec-secp256k1 ${ec}secp256k1 -- $plain -subj "$subject" -sha256
request ed25519 -algorithm ED25519 -- $plain -subj "$subject"
request ed448 -algorithm ED448 -- $plain -subj "$subject"
request sm2-default -algorithm SM2 -- $plain -subj "$subject" -sm3 -sigopt distid:1234567812345678
request sm2-empty -algorithm SM2 -- $plain -subj "$subject" -sm3
request sm2-custom -algorithm SM2 -- $plain -subj "$subject" -sm3 -sigopt distid:alice@example.com
request multi-valued-rdn ${ec}P-256 -- $plain -multivalue-rdn \
    -subj '/C=CN/O=Dash, Dot \+ Co. "Quoted"/CN=\#1 example +serialNumber=42/emailAddress=a@example.com/DC=example'
request chinese ${ec}P-256 -- $plain -subj '/C=CN/ST=四川省/L=成都市/O=示例有限公司/CN=例子.example'

cat > "$work/bmp.cnf" <<'CNF'
[req]
prompt = no
string_mask = MASK:0x800
distinguished_name = dn
[dn]
O = 示例有限公司
CN = example.com
CNF
request bmp-string ${ec}P-256 -- -config "$work/bmp.cnf" -sha256
sed 's/MASK:0x800/MASK:4/; s/示例有限公司/Zürich AG/' "$work/bmp.cnf" > "$work/t61.cnf"
request teletex-string ${ec}P-256 -- -config "$work/t61.cnf" -sha256

cat > "$work/attributes.cnf" <<'CNF'
[req]
prompt = no
distinguished_name = dn
attributes = attributes
req_extensions = extensions
[dn]
CN = example.com
[attributes]
challengePassword = open sesame
unstructuredName = An Unstructured Name
[extensions]
keyUsage = critical, digitalSignature, keyEncipherment, decipherOnly
extendedKeyUsage = serverAuth, clientAuth, 1.2.3.4.5
basicConstraints = critical, CA:TRUE, pathlen:3
tlsfeature = status_request, status_request_v2
subjectKeyIdentifier = hash
1.2.3.4.5.6 = critical, ASN1:UTF8String:unknown
2.25.329800735698586629295641978511506172918 = ASN1:NULL
subjectAltName = DNS:example.com
CNF
request attributes ${ec}P-256 -- -config "$work/attributes.cnf" -sha256

cat > "$work/sans.cnf" <<'CNF'
[req]
prompt = no
distinguished_name = dn
req_extensions = extensions
[dn]
[extensions]
subjectAltName = critical, @names
[names]
DNS.1 = example.com
DNS.2 = *.example.com
IP.1 = 192.0.2.1
IP.2 = 2001:db8::1
email = admin@example.com
URI = https://example.com/path?q=1
dirName = directory
RID = 1.2.3.4
otherName = 1.3.6.1.4.1.311.20.2.3;UTF8:user@example.com
[directory]
C = CN
CN = A, B
CNF
request sans ${ec}P-256 -- -config "$work/sans.cnf" -subj / -sha256

# What OpenSSL does not write: the request info is edited and signed again with `openssl dgst`.
WORK="$work" python3 edit.py
