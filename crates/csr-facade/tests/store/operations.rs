//! The seven operations, on any store.

use base64ct::{Base64, Encoding};
use csr_core::{Inspection, KeyFormat, KeyPair};
use csr_facade::{CsrId, Error as ServiceError, Service, ServiceOptions};
use csr_model::{
    Company, CreateCsrRequest, CreateCsrResponse, ListCsrQuery, PrivateKeyAlgo, UpdateCsrRequest,
    UploadCsrRequest, Usage,
};
use zeroize::Zeroizing;

use crate::backend::{Backend, sqlite_place};
use crate::secrets::{contains, files};
use crate::{Result, checks, ensure};

checks! {
    "a CSR of every algorithm is created, shown, listed, renamed and deleted" => life,
    "fields are shown byte for byte as they were sent" => echo,
    "all faults of a creation are reported at once" => refused_creation,
    "an organisation profile completes ENTERPRISE requests" => organization,
    "an upload is stored, with and without its key" => upload,
    "an upload that breaks a rule is refused" => refused_upload,
    "an upload stores its parsed request, not its text" => upload_text,
    "U+0000 is refused in every text" => nul,
    "only the host exports keys if the API must not" => no_key_export,
    "a full queue is busy, and finishes accepted creations" => busy,
}

pub(crate) fn request(algorithm: PrivateKeyAlgo) -> CreateCsrRequest {
    CreateCsrRequest {
        name: "web".into(),
        domain_name: "example.com".into(),
        sans: "www.example.com;192.0.2.7".into(),
        private_key_algo: algorithm,
        usage: Usage::Personal,
        company: Company::default(),
    }
}

/// Checks that the CSR from `show` verifies, and that the private key matches it.
pub(crate) async fn check_key(service: &Service, id: CsrId) -> Result<(Inspection, KeyPair)> {
    let shown = service.show(id).await?;
    let inspection = csr_core::inspect(shown.csr.as_bytes())?;
    ensure!(inspection.signature_status().is_valid(), "{id}: the CSR does not verify");
    let pem = service.export_key(id).await?;
    ensure!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{id}: not PKCS#8");
    let key = KeyPair::import(pem.as_bytes(), None)?;
    ensure!(inspection.is_for(&key), "{id}: the key is another one's");
    ensure!(inspection.private_key_algo() == Some(shown.details.private_key_algo), "{id}: another algorithm");
    Ok((inspection, key))
}

fn invalid<T: core::fmt::Debug>(done: core::result::Result<T, ServiceError>) -> Result<String> {
    match done {
        Err(why @ (ServiceError::Invalid(_) | ServiceError::UnfitCsr(_) | ServiceError::NoPrivateKey)) => {
            Ok(why.to_string())
        }
        other => Err(format!("not refused as invalid: {other:?}").into()),
    }
}

async fn life(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    for &algorithm in PrivateKeyAlgo::ALL {
        let created = service.create(request(algorithm)).await?;
        let id: CsrId = created.id.parse()?;
        check_key(&service, id).await?;
        let shown = service.show(id).await?;
        ensure!(shown.details == created, "{algorithm}: shown as created");
        let query = ListCsrQuery { private_key_algo: Some(algorithm), ..ListCsrQuery::default() };
        let listed = service.list(&query).await?;
        ensure!(listed.total == 1 && listed.csr_list == [shown.clone()], "{algorithm}: listed as shown");

        let renamed = service.update(id, &UpdateCsrRequest::new("other")?).await?;
        ensure!(renamed.details.update_time >= created.update_time, "{algorithm}: when it was renamed");
        let mut expected = shown;
        expected.details.name = "other".into();
        expected.details.update_time = renamed.details.update_time;
        ensure!(renamed == expected && service.show(id).await? == expected, "{algorithm}: the name alone");
        ensure!(UpdateCsrRequest::new("").is_err() && UpdateCsrRequest::new("a\0b").is_err(), "renamed so");

        service.delete(id).await?;
        let gone = [
            service.show(id).await.err(),
            service.show_private_key(id).await.err(),
            service.delete(id).await.err(),
            service.update(id, &UpdateCsrRequest::new("x")?).await.err(),
        ];
        for error in gone {
            ensure!(
                matches!(error, Some(ServiceError::NoSuchCsr(gone)) if gone == id),
                "{algorithm}: {error:?}"
            );
        }
    }
    service.ready().await?;
    Ok(())
}

async fn echo(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let sent = CreateCsrRequest {
        name: " 名 %_'\" ".into(),
        domain_name: "BÜCHER.example".into(),
        sans: "B.example ; a.example;;b.EXAMPLE".into(),
        private_key_algo: PrivateKeyAlgo::EcP256,
        usage: Usage::Enterprise,
        company: Company {
            country: "CN".into(),
            province: "北京  市".into(),
            city: "Bei\u{301}jing".into(),
            name: "A, B + C; \"D\"".into(),
        },
    };
    let before = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_millis();
    let created = service.create(sent.clone()).await?;
    let after = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_millis();
    let id = created.id.clone();
    ensure!(id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "id {id}");
    let time = u128::try_from(created.create_time)?;
    ensure!((before..=after).contains(&time), "created at {time}, between {before} and {after}");
    let CreateCsrRequest { name, domain_name, sans, private_key_algo, usage, company } = sent;
    let expected = CreateCsrResponse {
        id: id.clone(),
        name,
        domain_name,
        sans,
        private_key_algo,
        usage,
        company_country: company.country,
        company_province: company.province,
        company_city: company.city,
        company_name: company.name,
        create_time: created.create_time,
        update_time: created.create_time,
    };
    ensure!(created == expected, "{created:?}");
    let (inspection, _) = check_key(&service, id.parse()?).await?;
    let sans: Vec<String> = inspection.sans.iter().map(ToString::to_string).collect();
    ensure!(sans == ["DNS:xn--bcher-kva.example", "DNS:b.example", "DNS:a.example"], "{sans:?}");
    Ok(())
}

async fn refused_creation(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let bad = CreateCsrRequest {
        name: "n".repeat(64),
        domain_name: "exa mple.com".into(),
        sans: "ok.example;-x.example;_y.example".into(),
        usage: Usage::Enterprise,
        company: Company { city: "c".repeat(256), country: "China".into(), ..Company::default() },
        ..request(PrivateKeyAlgo::Rsa4096)
    };
    let why = invalid(service.create(bad).await)?;
    for part in [
        "name: must have at most 63 characters",
        "domain_name: ",
        "sans[1]: ",
        "sans[2]: ",
        "company_country: ",
        "company_province: is required",
        "company_city: must have at most 255 characters",
        "company_name: is required",
    ] {
        ensure!(why.contains(part), "{part:?} is missing in: {why}");
    }
    ensure!(why.matches("company_city").count() == 1, "reported twice: {why}");
    let why = invalid(
        service.create(CreateCsrRequest { name: "a\nb".into(), ..request(PrivateKeyAlgo::Sm2) }).await,
    )?;
    ensure!(why == "name: must not contain the control character U+000A", "{why}");
    let name = "\n".repeat(64);
    let why = invalid(service.create(CreateCsrRequest { name, ..request(PrivateKeyAlgo::Sm2) }).await)?;
    ensure!(why.contains("at most 63 characters") && why.contains("control character"), "{why}");
    ensure!(service.list(&ListCsrQuery::default()).await?.total == 0, "nothing is kept");
    invalid(service.list(&ListCsrQuery { name: Some("a\0".into()), ..ListCsrQuery::default() }).await)?;
    Ok(())
}

async fn organization(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let mut options = ServiceOptions::default();
    options.organization = Company {
        country: "CN".into(),
        province: "Beijing".into(),
        city: String::new(),
        name: "Example Ltd".into(),
    };
    let service = place.service_with(options).await?;
    let enterprise = CreateCsrRequest { usage: Usage::Enterprise, ..request(PrivateKeyAlgo::EcP256) };
    let why = invalid(service.create(enterprise.clone()).await)?;
    ensure!(why == "company_city: is required when usage is ENTERPRISE", "{why}");
    let company = Company { city: "Haidian".into(), name: "Own".into(), ..Company::default() };
    let sent = CreateCsrRequest { company, ..enterprise };
    let created = service.create(sent).await?;
    let (inspection, _) = check_key(&service, created.id.parse()?).await?;
    let filled = [
        &*created.company_country,
        &*created.company_province,
        &*created.company_city,
        &*created.company_name,
    ];
    ensure!(filled == ["CN", "Beijing", "Haidian", "Own"], "{filled:?}");
    let subject = inspection.subject.to_string();
    ensure!(subject == "CN=example.com,O=Own,L=Haidian,ST=Beijing,C=CN", "{subject}");
    let personal = service.create(request(PrivateKeyAlgo::EcP256)).await?;
    ensure!(personal.company_country.is_empty(), "a PERSONAL request is left as it is");
    Ok(())
}

fn made_elsewhere(algorithm: PrivateKeyAlgo) -> Result<(String, KeyPair)> {
    let spec = csr_core::CsrSpec::builder()
        .domain("Shop.example")
        .sans(["shop.example", "a.example", "2001:db8::1"])
        .email("me@example.com")
        .country("DE")
        .province("Berlin")
        .city("Berlin")
        .organization("Läden, GmbH")
        .build()?;
    let key = KeyPair::generate(algorithm)?;
    Ok((csr_core::Csr::sign(&spec, &key)?.to_pem(), key))
}

pub(crate) async fn upload_without_key(service: &Service) -> Result<CsrId> {
    let (csr, _) = made_elsewhere(PrivateKeyAlgo::EcP256)?;
    let sent = UploadCsrRequest::new("no key", csr, Zeroizing::default())?;
    Ok(service.upload(sent).await?.id.parse()?)
}

async fn upload(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    for &algorithm in PrivateKeyAlgo::ALL {
        let (csr, key) = made_elsewhere(algorithm)?;
        let format =
            if KeyFormat::Sec1.can_hold(key.algorithm()) { KeyFormat::Sec1 } else { KeyFormat::Pkcs1 };
        let private_key = key.to_pem(format)?;
        let sent = UploadCsrRequest::new("mine", &csr, private_key)?;
        let uploaded = service.upload(sent).await?;
        let id: CsrId = uploaded.id.parse()?;
        let (_, stored) = check_key(&service, id).await?;
        ensure!(*stored.to_der(format)? == *key.to_der(format)?, "{algorithm}: another key");
        let shown = service.show(id).await?;
        let expected = CreateCsrResponse {
            id: uploaded.id,
            name: "mine".into(),
            domain_name: "shop.example".into(),
            sans: "a.example;2001:db8::1".into(),
            private_key_algo: algorithm,
            usage: Usage::Enterprise,
            company_country: "DE".into(),
            company_province: "Berlin".into(),
            company_city: "Berlin".into(),
            company_name: "Läden, GmbH".into(),
            create_time: uploaded.create_time,
            update_time: uploaded.create_time,
        };
        ensure!(shown.details == expected, "{:?}", shown.details);
        ensure!(shown.csr == csr, "{algorithm}: the CSR as it was read");

        let sent = UploadCsrRequest::new("no key", csr, Zeroizing::default())?;
        let id = service.upload(sent).await?.id.parse()?;
        let why = invalid(service.show_private_key(id).await)?;
        ensure!(why == "private_key: none was uploaded with this CSR", "{why}");
    }
    Ok(())
}

/// An SM2 CSR whose signature algorithm is changed to Ed25519, with three bytes of parameters to
/// keep the length.
fn labelled_as_ed25519(sm2: &csr_core::Csr) -> Result<String> {
    const SM2_WITH_SM3: [u8; 12] = [0x30, 10, 0x06, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
    const ED25519: [u8; 12] = [0x30, 10, 0x06, 3, 0x2b, 0x65, 0x70, 0x04, 3, 0, 0, 0];
    let mut der = sm2.as_der().to_vec();
    let at = der.windows(12).position(|found| found == SM2_WITH_SM3).ok_or("no SM2-with-SM3")?;
    der[at..at + 12].copy_from_slice(&ED25519);
    let base64 = Base64::encode_string(&der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let lines = lines.join("\n");
    Ok(format!("-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n"))
}

async fn refused_upload(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let (csr, key) = made_elsewhere(PrivateKeyAlgo::EcP256)?;
    let pem = key.to_pem(KeyFormat::Pkcs8)?;
    let upload = async |csr: &str, key: &str| {
        service.upload(UploadCsrRequest::new("x", csr, Zeroizing::new(key.to_owned()))?).await
    };
    // The last character of the signature's first line.
    let tampered = csr.replacen("MIIB", "MIIC", 1);
    let small = include_str!("data/rsa-1024.csr");
    let ed25519 = include_str!("data/ed25519.csr");
    // A CSR whose names cannot be read doesn't count as one without names.
    let no_names = include_str!("data/malformed-san.csr");
    let not_all_names = include_str!("data/malformed-names.csr");
    for (csr, why) in [
        ("", "csr: is required"),
        ("hello", "csr: "),
        (&*tampered, "csr: "),
        (&*format!("{csr}{}", *pem), "must be one PEM block, CERTIFICATE REQUEST, but has 2"),
        (&*format!("key: {}\n{csr}", *pem), "must be one PEM block, CERTIFICATE REQUEST, but has 2"),
        (&*pem, "CERTIFICATE REQUEST"),
        (small, "RSA of 1024 bits, must be one of RSA_2048"),
        (ed25519, "Ed25519 of 256 bits, must be one of RSA_2048"),
        (no_names, "csr: its names cannot be read: the extension subjectAltName is malformed"),
        (not_all_names, "csr: its names cannot be read: the iPAddress is malformed"),
    ] {
        let refusal = invalid(upload(csr, "").await)?;
        ensure!(refusal.contains(why), "{why:?}: {refusal}");
    }
    let mut flipped = csr_core::inspect(csr.as_bytes()).map(|_| csr.clone())?.into_bytes();
    let last = flipped.len() - "-----END CERTIFICATE REQUEST-----\n".len() - 8;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    let refusal = invalid(upload(&String::from_utf8(flipped)?, "").await)?;
    ensure!(refusal.contains("signature does not hold"), "{refusal}");

    let spec = csr_core::CsrSpec::builder().domain("shop.example").sm2_identity("someone").build()?;
    let sm2 = csr_core::Csr::sign(&spec, &KeyPair::generate(PrivateKeyAlgo::Sm2)?)?;
    let refusal = invalid(upload(&sm2.to_pem(), "").await)?;
    ensure!(refusal.contains("another identity cannot be checked here"), "{refusal}");
    let refusal = invalid(upload(&labelled_as_ed25519(&sm2)?, "").await)?;
    ensure!(refusal == "csr: its signature does not hold", "{refusal}");

    let encrypted = key.to_encrypted_pem("pass")?;
    for unreadable in ["hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", &*encrypted]
    {
        let done = upload(&csr, unreadable).await;
        ensure!(matches!(done, Err(ServiceError::UnreadableKey(_))), "{done:?}");
    }
    for algorithm in [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::Sm2, PrivateKeyAlgo::Rsa2048] {
        let other = KeyPair::generate(algorithm)?.to_pem(KeyFormat::Pkcs8)?;
        let done = upload(&csr, &other).await;
        ensure!(matches!(done, Err(ServiceError::KeyMismatch)), "{algorithm}: {done:?}");
    }
    ensure!(service.list(&ListCsrQuery::default()).await?.total == 0, "nothing is kept");
    // Variants of OpenSSL's PEM: the `NEW` label, CRLF, and spaces around.
    let crlf = format!(
        "\r\n {}",
        csr.replace("BEGIN C", "BEGIN NEW C").replace("END C", "END NEW C").replace('\n', "\r\n")
    );
    let id = upload(&crlf, &pem).await?.id.parse()?;
    check_key(&service, id).await?;
    ensure!(service.show(id).await?.csr == csr, "stored as it was sent");
    Ok(())
}

/// The CSR's text with a private key in places that a PEM reader may skip.
fn planted(csr: &str, key: &str) -> Vec<String> {
    let lines: Vec<&str> = csr.lines().collect();
    let base64: String = key.lines().filter(|line| !line.starts_with('-')).collect();
    let (begin, body, end) = (lines[0], lines[1..lines.len() - 1].join("\n"), lines[lines.len() - 1]);
    let half = format!("{begin}\n{body}");
    vec![
        format!("{csr}{key}"),
        format!("{key}{csr}"),
        format!("key: {base64}\n{csr}"),
        format!("{csr}\n{base64}\n"),
        format!("{begin}\nComment: {base64}\n\n{body}\n{end}\n"),
        format!("{begin}\nComment: x\n {base64}\n\n{body}\n{end}\n"),
        format!("{half}\n {end}\n{key}{end}\n"),
        format!("{half}\n\u{feff}{end}\n{key}{end}\n"),
        format!("{half}\n\t{end}\n{base64}\n{end}\n"),
        format!("{half}\n{end}\n{}", key.replace("-----BEGIN", " -----BEGIN")),
        format!("{half}\n{end}{}", key.replace('\n', " ")),
    ]
}

async fn upload_text(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let (csr, _) = made_elsewhere(PrivateKeyAlgo::EcP256)?;
    let key = KeyPair::generate(PrivateKeyAlgo::EcP256)?.to_pem(KeyFormat::Pkcs8)?;
    let key = key.replace('\n', "\r\n");
    let upload =
        async |csr: String| service.upload(UploadCsrRequest::new("x", csr, Zeroizing::default())?).await;
    for text in planted(&csr, &key) {
        match upload(text.clone()).await {
            Ok(uploaded) => {
                let shown = service.show(uploaded.id.parse()?).await?;
                ensure!(shown.csr == csr, "{text}\nis stored as\n{}", shown.csr);
            }
            Err(ServiceError::UnfitCsr(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let both = upload(format!("{csr}{key}")).await;
    let why = invalid(both)?;
    ensure!(why.ends_with("has 2: put a private key into private_key; nothing else is accepted"), "{why}");
    // The text that `openssl req -text` or a mail puts before it.
    let id =
        upload(format!("Certificate Request:\n    Data:\n\n{}\n\n", csr.replace('\n', "\r\n"))).await?.id;
    ensure!(service.show(id.parse()?).await?.csr == csr, "with a text before it");

    let mut found = Vec::new();
    files(place.folder.path(), &mut found)?;
    if let Some(data) = place.data() {
        files(&data, &mut found)?;
    }
    let line = |pem: &str| pem.lines().nth(1).unwrap_or_default()[20..50].to_owned();
    ensure!(found.iter().any(|(_, bytes)| contains(bytes, line(&csr).as_bytes())), "the CSR is in no file");
    for (file, bytes) in &found {
        ensure!(!contains(bytes, line(&key).as_bytes()), "the planted key is in {file}");
    }
    Ok(())
}

/// PostgreSQL cannot store such a text, so it is the client's fault.
async fn nul(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let fields: [fn(&mut CreateCsrRequest) -> &mut String; 7] = [
        |request| &mut request.name,
        |request| &mut request.domain_name,
        |request| &mut request.sans,
        |request| &mut request.company.country,
        |request| &mut request.company.province,
        |request| &mut request.company.city,
        |request| &mut request.company.name,
    ];
    for usage in [Usage::Personal, Usage::Enterprise] {
        for (number, field) in fields.iter().enumerate() {
            for text in ["\0", "a\0b", "a.example;\0", "a.example;\0;b.example"] {
                let mut sent = CreateCsrRequest { usage, ..request(PrivateKeyAlgo::EcP256) };
                if usage == Usage::Enterprise {
                    let [country, province, city, name] = ["CN", "P", "C", "N"].map(str::to_owned);
                    sent.company = Company { country, province, city, name };
                }
                *field(&mut sent) = text.into();
                let done = service.create(sent).await;
                invalid(done).map_err(|error| format!("{usage:?}, field {number}, {text:?}: {error}"))?;
            }
        }
    }
    let (csr, key) = made_elsewhere(PrivateKeyAlgo::EcP256)?;
    let key = key.to_pem(KeyFormat::Pkcs8)?;
    let upload = async |name: &str, csr: String, private_key: &str| {
        service.upload(UploadCsrRequest::new(name, csr, Zeroizing::new(private_key.to_owned()))?).await
    };
    invalid(upload("a\0b", csr.clone(), "").await)?;
    // Around the request, it is not stored.
    for text in [format!("\0\n{csr}"), format!("{csr}\0"), csr.replacen('\n', "\n\0", 2)] {
        match upload("x", text, &key).await {
            Ok(_) | Err(ServiceError::UnfitCsr(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let unreadable = upload("x", csr, "\0").await;
    ensure!(matches!(unreadable, Err(ServiceError::UnreadableKey(_))), "{unreadable:?}");
    invalid(service.list(&ListCsrQuery { name: Some("\0".into()), ..ListCsrQuery::default() }).await)?;
    let label =
        csr_facade::Access::new(service.vault().clone()).issue_token("a\0b", csr_facade::Rights::all()).await;
    ensure!(matches!(label, Err(ServiceError::Invalid(_))), "{label:?}");
    Ok(())
}

async fn no_key_export(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let mut options = ServiceOptions::default();
    options.key_export = false;
    let service = place.service_with(options).await?;
    let id = service.create(request(PrivateKeyAlgo::EcP384)).await?.id.parse()?;
    let refused = service.show_private_key(id).await;
    ensure!(matches!(refused, Err(ServiceError::KeyExportDisabled)), "{refused:?}");
    check_key(&service, id).await?;
    Ok(())
}

async fn busy(_: &dyn Backend) -> Result<()> {
    let place = sqlite_place()?;
    let mut options = ServiceOptions::default();
    options.waiting_keys = 3;
    let service = place.service_with(options).await?;
    let places = std::thread::available_parallelism()?.get() + 3;
    let creations: Vec<_> = (0..places + 20)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move { service.create(request(PrivateKeyAlgo::Rsa2048)).await })
        })
        .collect();
    // A key on a curve does not wait for them.
    let curve = service.create(request(PrivateKeyAlgo::EcP256)).await?;
    check_key(&service, curve.id.parse()?).await?;
    let (mut created, mut refused) = (0, 0);
    for creation in creations {
        match creation.await? {
            Ok(_) => created += 1,
            Err(ServiceError::Busy { retry_after }) if retry_after.as_secs() > 0 => refused += 1,
            Err(other) => return Err(other.into()),
        }
    }
    ensure!(created >= places && refused > 0, "{created} created, {refused} refused, {places} places");
    let load = service.generation();
    ensure!(load.rsa.generating == 0 && load.rsa.waiting == 0, "{load:?}");

    // Accepted, and abandoned by its client at once.
    let given_up = tokio::spawn({
        let service = service.clone();
        async move { service.create(request(PrivateKeyAlgo::Rsa3072)).await }
    });
    while service.generation().rsa.generating == 0 {
        tokio::task::yield_now().await;
    }
    given_up.abort();
    service.finish().await;
    let query = ListCsrQuery { private_key_algo: Some(PrivateKeyAlgo::Rsa3072), ..ListCsrQuery::default() };
    ensure!(service.list(&query).await?.total == 1, "what was accepted is kept");
    let late = service.create(request(PrivateKeyAlgo::EcP256)).await;
    ensure!(matches!(late, Err(ServiceError::Busy { .. })), "accepted after the end: {late:?}");
    Ok(())
}
