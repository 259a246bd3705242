#!/bin/sh
# Makes the certificates and public keys of this folder; see README.md. Every run makes new keys.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
days='-days 3650'

key() { openssl genpkey -quiet -out "$work/$1.key" "$2" "$3" ${4:+"$4" "$5"}; }
self_signed() { # NAME SUBJECT MORE…
    name=$1 subject=$2; shift 2
    openssl req -x509 -new -key "$work/$name.key" -subj "$subject" $days -out "$name.pem" "$@"
}

key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
self_signed rsa '/C=GB/O=Example Ltd/CN=rsa.example' -addext subjectAltName=DNS:rsa.example
openssl pkey -in "$work/rsa.key" -pubout -out rsa-public.pem
openssl rsa -in "$work/rsa.key" -RSAPublicKey_out -out rsa-public-pkcs1.pem
openssl pkey -in "$work/rsa.key" -out rsa.key

openssl ecparam -genkey -name SM2 -noout -out "$work/sm2.key"
self_signed sm2 '/CN=sm2.example' -sm3 -sigopt distid:1234567812345678

openssl genpkey -algorithm ED25519 -out "$work/ed25519.key"
self_signed ed25519 '/CN=ed25519.example'

# A chain, and its key in other forms.
key ca -algorithm EC -pkeyopt ec_paramgen_curve:P-384
self_signed ca '/O=Example Ltd/CN=Example Root' -addext keyUsage=critical,keyCertSign,cRLSign
key leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
openssl req -new -key "$work/leaf.key" -subj /CN=leaf.example -out leaf.csr
printf '%s\n' 'subjectAltName=DNS:leaf.example,IP:192.0.2.7' extendedKeyUsage=serverAuth basicConstraints=critical,CA:FALSE \
    keyUsage=critical,digitalSignature authorityKeyIdentifier=keyid >"$work/leaf.ext"
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey "$work/ca.key" -set_serial 0x1234567890abcdef $days \
    -extfile "$work/leaf.ext" -out leaf.pem
cat leaf.pem ca.pem >chain.pem
cp "$work/leaf.key" leaf.key
cat leaf.key leaf.pem ca.pem >haproxy.pem
openssl pkey -in leaf.key -pubout -out leaf-public.pem
openssl pkey -in leaf.key -pubout -ec_conv_form compressed -out leaf-public-compressed.pem
openssl pkcs8 -topk8 -in leaf.key -passout pass:secret -iter 2048 -out leaf-encrypted.key
openssl x509 -in leaf.pem -trustout -addtrust serverAuth -out leaf-trusted.pem

# Version 1, without extensions.
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey "$work/ca.key" -set_serial 1 $days -out version-1.pem

# Unknown, critical and malformed extensions, names that drive a terminal, and a date after 2049.
escape=$(printf '\033')
printf '%s\n' '1.2.3.4=critical,ASN1:UTF8String:odd' 1.2.3.5=DER:04820fff 2.5.29.15=DER:03020f80 \
    "nsComment=\"$escape[31mred\"" issuerAltName=DNS:issuer.example \
    'subjectAltName=otherName:1.2.3.6;UTF8:x,URI:a b' >"$work/odd.ext"
openssl req -new -key leaf.key -utf8 -multivalue-rdn -subj "$(printf '/CN=odd\033[2J.example+OU=\342\200\256moc')" -out "$work/odd.csr"
openssl x509 -req -in "$work/odd.csr" -CA ca.pem -CAkey "$work/ca.key" -set_serial -5 -days 36500 \
    -extfile "$work/odd.ext" -out odd.pem

# The public keys of private keys that are not imported.
for name in ed25519-pkcs8 p521-pkcs8 rsa1024 rsa2048-weak-roca rsa-pss-pkcs8 secp256k1-sec1; do
    openssl pkey -in ../keys/$name.pem -pubout -outform DER -out $name.pub
done
