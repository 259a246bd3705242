//! CSRs and certificates that other people's tools make, and the CSRs that renew them.

use core::fmt;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use csr_core::inspect::{Item, read_any};
use csr_core::{Csr, CsrSpec, KeyPair, PrivateKeyAlgo, Renewal};

use crate::fixture::empty;
use crate::server::csr_binary;
use crate::tool::{Content, content, make_with_bouncy_castle, python_script, run};
use crate::{Result, Tool, differences};

/// A tool that makes CSRs and certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// `openssl req` and `openssl x509`.
    OpenSsl,
    /// `certtool`. It joins no attributes, and makes no directoryName and no registeredID.
    GnuTls,
    /// BouncyCastle's bcpkix.
    BouncyCastle,
    /// Python's `cryptography`.
    Cryptography,
}

impl Maker {
    /// Every maker.
    pub const ALL: [Self; 4] = [Self::OpenSsl, Self::GnuTls, Self::BouncyCastle, Self::Cryptography];

    /// Why it cannot run here, if it cannot.
    #[must_use]
    pub fn missing(self) -> Option<String> {
        // What they made is read by OpenSSL.
        self.tool().missing().or_else(|| Tool::OpenSsl.missing())
    }

    fn tool(self) -> Tool {
        match self {
            Self::OpenSsl => Tool::OpenSsl,
            Self::GnuTls => Tool::GnuTls,
            Self::BouncyCastle => Tool::BouncyCastle,
            Self::Cryptography => Tool::Cryptography,
        }
    }

    /// Makes a CSR and a certificate, each in its own folder and named as the maker's `Debug` is.
    fn make(self, csrs: &Path, certificates: &Path) -> Result<()> {
        match self {
            Self::OpenSsl => make_with_openssl(csrs, certificates),
            Self::GnuTls => make_with_certtool(csrs, certificates),
            Self::BouncyCastle => make_with_bouncy_castle(csrs, certificates),
            Self::Cryptography => {
                run(python_script("make_with_cryptography.py").args([csrs, certificates])).map(drop)
            }
        }
    }

    /// How many names are in the CSR, and how many in the certificate; a maker that left some out would make the comparison say
    /// less.
    fn names(self) -> [usize; 2] {
        match self {
            Self::OpenSsl | Self::Cryptography => [9, 9],
            // The mail address is in the CSR alone.
            Self::GnuTls => [6, 5],
            Self::BouncyCastle => [8, 8],
        }
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tool().fmt(f)
    }
}

/// What is no leaf's to ask for, as OpenSSL names it, and an extension of no known kind.
const LEFT_OUT: [&str; 7] = [
    "X509v3 Basic Constraints",
    "X509v3 Subject Key Identifier",
    "X509v3 Authority Key Identifier",
    "X509v3 Certificate Policies",
    "X509v3 CRL Distribution Points",
    "Authority Information Access",
    "2.999.4",
];

/// Makes a CSR and a certificate, and renews both with the library. The new CSRs must hold the same as the old files do by
/// every tool that reads them.
///
/// # Errors
///
/// Says what differs.
pub fn check_renewal(maker: Maker, folder: &Path) -> Result<()> {
    let [csrs, certificates, renewed, from_certificates] =
        ["csrs", "certificates", "renewed", "from_certificates"].map(|name| folder.join(name));
    for folder in [folder, &csrs, &certificates, &renewed, &from_certificates] {
        empty(folder)?;
    }
    maker.make(&csrs, &certificates)?;
    let [names_in_csr, names_in_certificate] = maker.names();
    let file = format!("{maker:?}.pem");
    let key = KeyPair::generate(PrivateKeyAlgo::EcP256)?;

    let old = csrs.join(&file);
    let renewal = renewal(&old)?;
    let left_out: Vec<_> = renewal.left_out.iter().map(|part| part.part.as_str()).collect();
    if !left_out.is_empty() {
        return Err(format!("left out of the CSR: {left_out:?}").into());
    }
    let new = renewed.join(&file);
    fs::write(&new, Csr::sign(&renewal.spec, &key)?.to_pem())?;
    check_counts(&renewal.spec, names_in_csr, 5)?;
    same(&content(&old)?, &content(&new)?)?;
    same_by_each_tool(&csrs, &renewed)?;

    let old = certificates.join(&file);
    let renewal = self::renewal(&old)?;
    let new = from_certificates.join(&file);
    fs::write(&new, Csr::sign(&renewal.spec, &key)?.to_pem())?;
    check_counts(&renewal.spec, names_in_certificate, 4)?;
    let asked = may_be_asked(content(&old)?);
    same(&asked, &content(&new)?)?;
    let left_out = renewal.left_out.len();
    let expected = content(&old)?.extensions.len() - asked.extensions.len();
    if left_out != expected {
        return Err(format!("{expected} extensions are not taken over, and {left_out} are told").into());
    }
    Ok(())
}

/// Renews what [`check_renewal`] has made with the command `csr create --from`.
///
/// # Errors
///
/// Says what differs.
pub fn check_command(maker: Maker, folder: &Path) -> Result<()> {
    let [csrs, certificates] = ["csrs", "certificates"].map(|name| folder.join(name));
    for folder in [folder, &csrs, &certificates] {
        empty(folder)?;
    }
    maker.make(&csrs, &certificates)?;
    let csr = csr_binary()?;
    for (kind, made) in [("csr", csrs), ("certificate", certificates)] {
        let old = made.join(format!("{maker:?}.pem"));
        let mut create = Command::new(&csr);
        run(create.arg("create").arg("--from").arg(&old).args(["--name", kind, "--out"]).arg(folder))?;
        let new = folder.join(kind).with_extension("csr");
        let asked = content(&old)?;
        let asked = if kind == "certificate" { may_be_asked(asked) } else { asked };
        same(&asked, &content(&new)?)?;
    }
    Ok(())
}

fn renewal(file: &Path) -> Result<Renewal> {
    let contents = read_any(&fs::read(file)?, None)?;
    Ok(match &contents.items[..] {
        [Item::CertificateRequest(csr)] => {
            if !csr.signature_status().is_valid() || !csr.malformed.is_empty() {
                return Err(
                    format!("{}: {:?} {:?}", file.display(), csr.signature_status(), csr.malformed).into()
                );
            }
            CsrSpec::from_csr(csr)?
        }
        [Item::Certificate(certificate)] => CsrSpec::from_certificate(certificate)?,
        other => return Err(format!("{}: {other:?}", file.display()).into()),
    })
}

/// Key usages, TLS feature and certificate template are in both, and in the CSR one of no known kind.
fn check_counts(spec: &CsrSpec, names: usize, extensions: usize) -> Result<()> {
    let found = (spec.sans().len(), spec.extensions().len());
    if found.0 != names || found.1 < extensions {
        return Err(format!("{found:?} names and extensions").into());
    }
    Ok(())
}

fn may_be_asked(mut content: Content) -> Content {
    content.extensions.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
    content
}

fn same(old: &Content, new: &Content) -> Result<()> {
    if old != new || old.extensions.is_empty() {
        return Err(format!("in the old: {old:#?}\nin the new: {new:#?}").into());
    }
    Ok(())
}

/// But for the key and the signature.
fn same_by_each_tool(old: &Path, new: &Path) -> Result<()> {
    let present = Maker::ALL.into_iter().map(Maker::tool).filter(|tool| tool.missing().is_none());
    for tool in present {
        let (old, new) = (read(tool, old)?, read(tool, new)?);
        for (name, old) in &old {
            let new = new.get(name).ok_or("the new CSR is not read")?;
            let found = differences(old, new);
            if !found.is_empty() {
                return Err(format!("{tool}: {name}: {}", found.join("; ")).into());
            }
        }
    }
    Ok(())
}

fn read(tool: Tool, folder: &Path) -> Result<BTreeMap<String, crate::Reading>> {
    let readings = tool.read(PrivateKeyAlgo::EcP256, folder)?;
    let without_key = |(name, reading): (String, core::result::Result<crate::Reading, String>)| {
        let reading = reading.map_err(|refusal| format!("{tool} refuses {name}: {refusal}"))?;
        Ok((name, crate::Reading { public_key: None, signature_algorithm: None, ..reading }))
    };
    readings.into_iter().map(without_key).collect()
}

const OPENSSL_CONFIGURATION: &str = "\
[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = subject
attributes = attributes
req_extensions = asked
[subject]
O = Example/Ltd
0.OU = A
1.OU = B
CN = Gerät 7 + x
+UID = u7
serialNumber = SN-7
DC = example
street = 1 Road
postalCode = AB1 2CD
GN = Zoë
SN = Müller
title = Dr
pseudonym = p
dnQualifier = q
organizationIdentifier = VATGB-1
businessCategory = Private Organization
0.2.999.1 = any
C = GB
[attributes]
challengePassword = geheim
unstructuredName = device
[asked]
subjectAltName = @names
keyUsage = critical,digitalSignature,keyAgreement
extendedKeyUsage = serverAuth,clientAuth,1.3.6.1.4.1.311.20.2.2
tlsfeature = status_request
1.3.6.1.4.1.311.20.2 = ASN1:BMP:Web
2.999.4 = critical,ASN1:SEQUENCE:value
[names]
DNS = device-7.example
IP.1 = 192.0.2.7
IP.2 = 2001:db8::7
email = a@b.example
URI = urn:x:y
otherName.1 = 1.3.6.1.4.1.311.20.2.3;UTF8:u@example.com
otherName.2 = 2.999.2;SEQUENCE:value
dirName = directory
RID = 2.999.3
[value]
number = INTEGER:5
text = UTF8:hi
[directory]
O = Example
CN = a
+UID = b
[issued]
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 2.999.9
crlDistributionPoints = URI:http://ca.example/
authorityInfoAccess = OCSP;URI:http://ca.example/
[ca]
subjectKeyIdentifier = hash
basicConstraints = critical,CA:TRUE
";

fn tool(program: &str, arguments: &[&str], files: &[(&str, &Path)]) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments);
    files.iter().for_each(|(option, file)| {
        command.arg(option).arg(file);
    });
    run(&mut command).map(drop)
}

fn make_with_openssl(csrs: &Path, certificates: &Path) -> Result<()> {
    let beside = |name: &str| -> PathBuf { certificates.with_file_name(name) };
    let (configuration, key, ca) = (beside("openssl.cnf"), beside("openssl.key"), beside("openssl-ca.pem"));
    // A certificate has what the CSR asks for, too.
    let (_, asked) = OPENSSL_CONFIGURATION.split_once("[asked]\n").ok_or("no extensions")?;
    let (asked, _) = asked.split_once("[names]\n").ok_or("no names")?;
    let text = OPENSSL_CONFIGURATION.replace("[issued]\n", &format!("[issued]\n{asked}"));
    fs::write(&configuration, text)?;
    let csr = csrs.join("OpenSsl.pem");
    let new = ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    tool("openssl", &new, &[("-config", &configuration), ("-keyout", &key), ("-out", &csr)])?;
    tool(
        "openssl",
        &["req", "-x509", "-subj", "/CN=Example CA", "-days", "30", "-extensions", "ca"],
        &[("-config", &configuration), ("-key", &key), ("-out", &ca)],
    )?;
    let certificate = certificates.join("OpenSsl.pem");
    tool(
        "openssl",
        &["x509", "-req", "-days", "30", "-set_serial", "7", "-extensions", "issued"],
        &[
            ("-extfile", &configuration),
            ("-in", &csr),
            ("-CA", &ca),
            ("-CAkey", &key),
            ("-out", &certificate),
        ],
    )
}

/// It writes the subject's last relative name first.
const CERTTOOL_TEMPLATE: &str = "\
dn = \"C=GB,pseudonym=p,serialNumber=SN-7,CN=Gerät 7,OU=B,OU=A,O=Example Ltd\"
dns_name = device-7.example
ip_address = 192.0.2.7
email = a@b.example
uri = urn:x:y
other_name_utf8 = \"1.3.6.1.4.1.311.20.2.3 u@example.com\"
other_name_octet = \"2.999.2 abc\"
signing_key
tls_www_server
tls_www_client
key_purpose_oid = 1.3.6.1.4.1.311.20.2.2
tls_feature = 5
add_extension = \"1.3.6.1.4.1.311.20.2 1e06005700650062\"
add_critical_extension = \"2.999.4 3003020105\"
challenge_password = geheim
serial = 7
expiration_days = 30
policy1 = 2.999.9
crl_dist_points = http://ca.example/
ocsp_uri = http://ca.example/
";

fn make_with_certtool(csrs: &Path, certificates: &Path) -> Result<()> {
    let beside = |name: &str| -> PathBuf { certificates.with_file_name(name) };
    let (template, ca_template) = (beside("leaf.tmpl"), beside("ca.tmpl"));
    let (key, ca) = (beside("certtool.key"), beside("certtool-ca.pem"));
    fs::write(&template, CERTTOOL_TEMPLATE)?;
    fs::write(&ca_template, "cn = \"Example CA\"\nca\ncert_signing_key\nexpiration_days = 30\n")?;
    tool("certtool", &["--generate-privkey", "--ecc", "--curve", "secp256r1"], &[("--outfile", &key)])?;
    let csr = csrs.join("GnuTls.pem");
    tool(
        "certtool",
        &["--generate-request"],
        &[("--load-privkey", &key), ("--template", &template), ("--outfile", &csr)],
    )?;
    tool(
        "certtool",
        &["--generate-self-signed"],
        &[("--load-privkey", &key), ("--template", &ca_template), ("--outfile", &ca)],
    )?;
    tool(
        "certtool",
        &["--generate-certificate"],
        &[
            ("--load-privkey", &key),
            ("--load-ca-certificate", &ca),
            ("--load-ca-privkey", &key),
            ("--template", &template),
            ("--outfile", &certificates.join("GnuTls.pem")),
        ],
    )
}
