#!/bin/sh
# Makes the seeds of csr_parser, renewal and key_parser anew, with OpenSSL and from the test data of csr-core. The seeds of
# the other targets are text, written by hand.
set -eu
cd "$(dirname "$0")/seeds"

for pem in ../../crates/csr-core/tests/data/inspect/*.pem; do
    sed '/-----/d' "$pem" | openssl base64 -d >"csr_parser/$(basename "$pem" .pem).der"
done
cp ../../crates/csr-core/tests/data/inspect/ec-p256.pem csr_parser/pem.pem
head -c 100 csr_parser/ec-p256.der >csr_parser/bad-truncated.der

data=../../crates/csr-core/tests/data
for csr in attributes microsoft multi-valued-rdn other-names sans sm2-custom string-types templates; do
    cp "$data/inspect/$csr.pem" renewal/
done
for certificate in ca chain ed25519 haproxy leaf leaf-trusted odd rsa sm2 version-1; do
    cp "$data/certificates/$certificate.pem" "renewal/certificate-$certificate.pem"
done
openssl x509 -in "$data/certificates/leaf.pem" -outform DER -out renewal/certificate-leaf.der
openssl x509 -in "$data/certificates/odd.pem" -outform DER -out renewal/certificate-odd.der
cp "$data/certificates/leaf.key" renewal/bad-key.pem
head -c 200 renewal/certificate-leaf.der >renewal/bad-truncated.der

cd key_parser
key=$(mktemp)
trap 'rm -f "$key"' EXIT
for pair in prime256v1:p256 secp384r1:p384 SM2:sm2; do
    name=${pair#*:}
    openssl ecparam -name "${pair%:*}" -genkey -noout -out "$key"
    openssl pkcs8 -topk8 -nocrypt -in "$key" -out "$name-pkcs8.pem"
    openssl ec -in "$key" -outform DER -out "$name-sec1.der"
done
openssl pkcs8 -topk8 -nocrypt -in p256-pkcs8.pem -outform DER -out p256-pkcs8.der
openssl ec -in p256-pkcs8.pem -out p256-sec1.pem
openssl ec -in p256-pkcs8.pem -conv_form compressed -outform DER -out p256-sec1-compressed.der
openssl ec -in p256-pkcs8.pem -no_public -outform DER -out p256-sec1-no-public.der
openssl ecparam -name prime256v1 -genkey -out p256-with-parameters.pem
encrypt() { openssl pkcs8 -topk8 "$@"; }
encrypt -in p256-pkcs8.pem -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 100 -passout pass:fuzz -outform DER -out p256-encrypted.der
encrypt -in p384-pkcs8.pem -v2 aes-128-cbc -iter 100 -passout pass:fuzz -out p384-encrypted.pem
encrypt -in sm2-pkcs8.pem -scrypt -scrypt_N 16 -scrypt_r 8 -scrypt_p 1 -passout pass:fuzz -outform DER -out sm2-encrypted-scrypt.der
encrypt -in p256-pkcs8.pem -v2 aes-256-cbc -iter 100 -passout pass:other -outform DER -out bad-passphrase.der
openssl genrsa -traditional -out rsa-pkcs1.pem 2048
openssl rsa -in rsa-pkcs1.pem -traditional -outform DER -out rsa-pkcs1.der
openssl pkcs8 -topk8 -nocrypt -in rsa-pkcs1.pem -outform DER -out rsa-pkcs8.der
openssl rsa -in rsa-pkcs1.pem -traditional -aes128 -passout pass:fuzz -out rsa-legacy-aes128.pem
openssl ec -in p256-pkcs8.pem -des3 -passout pass:fuzz -out p256-legacy-des3.pem
openssl ec -in sm2-pkcs8.pem -out sm2-own-label.pem
openssl ec -in sm2-pkcs8.pem -sm4-cbc -passout pass:fuzz -out sm2-legacy-sm4.pem
encrypt -in p256-pkcs8.pem -v2 des3 -iter 100 -passout pass:fuzz -outform DER -out p256-encrypted-des3.der
encrypt -in sm2-pkcs8.pem -v2 sm4-cbc -iter 100 -passout pass:fuzz -outform DER -out sm2-encrypted-sm4.der
encrypt -in p256-pkcs8.pem -v1 PBE-SHA1-3DES -iter 100 -passout pass:fuzz -outform DER -out p256-encrypted-pkcs12.der
for file in p256-pkcs8-v2.der sm2-own-algorithm.pem other-key-openssh-plain.pem other-key-plain.ppk other-key.jks dsa.der; do
    cp "../../../crates/csr-core/tests/data/keys/$file" "bad-$file"
done
mv bad-p256-pkcs8-v2.der p256-pkcs8-v2.der
mv bad-sm2-own-algorithm.pem sm2-own-algorithm.pem
openssl genrsa -traditional -out "$key" 1024
openssl rsa -in "$key" -traditional -outform DER -out bad-rsa-1024.der
openssl genpkey -algorithm ED25519 -out bad-ed25519.pem
openssl ecparam -name secp521r1 -genkey -noout -outform DER -out bad-p521.der
head -c 60 p256-pkcs8.der >bad-truncated.der
chmod 644 ./*
