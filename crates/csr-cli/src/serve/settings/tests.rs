use std::error::Error;
use std::path::Path;

use clap::Parser;

use super::{MasterKeySource, Settings, StorePlace};
use crate::args::{Cli, Command, LogFormat};

/// Writes a file that only its owner can use.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)?;
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

fn settings(arguments: &[&str]) -> Result<Settings, Box<dyn Error>> {
    match Cli::try_parse_from(["csr", "serve"].iter().chain(arguments))?.command {
        Command::Serve(args) => Ok(Settings::new(&args)?),
        _ => Err("not `serve`".into()),
    }
}

fn refusal(arguments: &[&str]) -> String {
    settings(arguments).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn serve_without_flags_listens_on_loopback_without_tls() -> Result<(), Box<dyn Error>> {
    let settings = settings(&["--data-dir", "/data"])?;
    assert!(settings.listen.ip().is_loopback());
    assert!(settings.tls.is_none() && !settings.no_key_export);
    assert!(matches!(settings.store.place, StorePlace::Folder(folder) if folder == Path::new("/data")));
    assert!(
        matches!(settings.store.master_key, MasterKeySource::File(file) if file == Path::new("/data/master.key"))
    );
    Ok(())
}

#[test]
fn flags_override_the_file_and_its_paths_start_at_its_folder() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    write(
        &file,
        r#"
            listen = "127.0.0.1:1"
            data-dir = "data"
            no-key-export = true
            log-format = "json"
            max-connections = 5
            [tls]
            certificate = "c.pem"
            key = "k.pem"
            [organization]
            country = "CN"
            name = "Example, Inc."
        "#,
    )?;
    let config = file.to_str().ok_or("not UTF-8")?;
    let settings = settings(&["--config", config, "--listen", "127.0.0.1:2", "--country", "DE"])?;
    assert_eq!(settings.listen.port(), 2);
    let data = folder.path().join("data");
    assert!(matches!(settings.store.place, StorePlace::Folder(folder) if folder == data));
    assert!(settings.no_key_export);
    assert_eq!((settings.log_format, settings.max_connections), (LogFormat::Json, 5));
    assert_eq!(settings.tls.map(|tls| tls.key), Some(folder.path().join("k.pem")));
    assert_eq!((&*settings.organization.country, &*settings.organization.name), ("DE", "Example, Inc."));
    Ok(())
}

#[test]
fn allowed_hosts_are_names_without_port() -> Result<(), Box<dyn Error>> {
    let given = settings(&["--data-dir", "/d", "--allow-host", "csr.example.com,[2001:db8::1]"])?;
    assert_eq!(given.allow_host, ["csr.example.com".parse()?, "[2001:db8::1]".parse()?]);
    let message = refusal(&["--data-dir", "/d", "--allow-host", "https://csr.example.com"]);
    assert!(message.contains("without scheme, port and path"), "{message}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    let config = file.to_str().ok_or("not UTF-8")?;
    write(&file, "allow-host = [\"csr.example.com\"]")?;
    let read = settings(&["--data-dir", "/d", "--config", config])?;
    assert_eq!(read.allow_host, ["csr.example.com".parse()?]);
    write(&file, "allow-host = [\"csr.example.com:443\"]")?;
    let message = refusal(&["--config", config]);
    assert!(message.contains("allow-host: must be a host's name"), "{message}");
    Ok(())
}

#[test]
fn localhost_is_an_address_and_other_names_are_refused() -> Result<(), Box<dyn Error>> {
    let listen = |text| settings(&["--data-dir", "/d", "--listen", text]).map(|settings| settings.listen);
    assert_eq!(listen("localhost:80")?, ([127, 0, 0, 1], 80).into());
    assert_eq!(listen("[::1]:80")?, "[::1]:80".parse()?);
    for text in ["localhost", "localhost:x", "example.com:80", "80", ":80", ""] {
        let message = refusal(&["--data-dir", "/d", "--listen", text]);
        assert!(message.contains("must be an IP address and a port"), "{text}: {message}");
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    let config = file.to_str().ok_or("not UTF-8")?;
    write(&file, "listen = \"localhost:81\"")?;
    assert_eq!(settings(&["--data-dir", "/d", "--config", config])?.listen.port(), 81);
    write(&file, "listen = \"example.com:81\"")?;
    assert!(refusal(&["--config", config]).contains("must be an IP address and a port"));
    Ok(())
}

#[test]
fn listening_beyond_loopback_needs_tls_or_consent() -> Result<(), Box<dyn Error>> {
    let public = ["--data-dir", "/d", "--listen", "0.0.0.0:80"];
    assert!(refusal(&public).contains("--allow-plain-http"));
    settings(&[&public[..], &["--allow-plain-http"]].concat())?;
    settings(&[&public[..], &["--tls-certificate", "c", "--tls-key", "k"]].concat())?;
    Ok(())
}

#[test]
fn all_faults_are_reported_at_once() {
    let message =
        refusal(&["--data-dir", "/d", "--tls-key", "k", "--listen", "0.0.0.0:80", "--max-connections", "0"]);
    for part in ["--tls-certificate", "--allow-plain-http", "--max-connections"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn fault_of_the_organization_profile_names_the_setting() -> Result<(), Box<dyn Error>> {
    let data = ["--data-dir", "/d"];
    let long = "x".repeat(129);
    let all = ["--country", "China", "--province", &long, "--city", "\u{202e}", "--organization", &long];
    let message = refusal(&[&data[..], &all].concat());
    for part in [
        "--country: \"China\" must be a two-letter code from ISO 3166-1: give CN",
        "--province: \"xxx",
        "must have at most 128 characters",
        "--city: \"\\u{202e}\" must not contain the bidirectional control",
        "--organization: \"xxx",
    ] {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    write(&file, "[organization]\ncountry = \"CHN\"\n")?;
    let message = refusal(&[&data[..], &["--config", file.to_str().ok_or("not UTF-8")?]].concat());
    assert!(message.contains("--country: \"CHN\""), "{message}");
    settings(&[&data[..], &["--country", "cn"]].concat())?;
    Ok(())
}

#[test]
fn fault_in_the_file_names_the_line_and_quotes_no_value() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    write(&file, "listen = \"127.0.0.1:1\"\ndatabase = \"postgres://u:hunter2@h/d\" x\n")?;
    let message = refusal(&["--config", file.to_str().ok_or("not UTF-8")?]);
    assert!(message.contains("csr.toml, line 2") && !message.contains("hunter2"), "{message}");
    write(&file, "databse = \"postgres://u:hunter2@h/d\"\n")?;
    let message = refusal(&["--config", file.to_str().ok_or("not UTF-8")?]);
    assert!(message.contains("unknown field \"databse\"") && !message.contains("hunter2"), "{message}");
    for (text, why) in [
        ("max-connections = \"hunter2\"", "invalid type: string, expected a number from 0"),
        ("log-format = \"hunter2`, expected x\"", "unknown variant, expected `text` or `json`"),
        ("usize = 1", "unknown field \"usize\", expected one of `data-dir`"),
        ("listen = \"postgres://u:hunter2@h/d\"", "must be an IP address and a port"),
        ("tls = \"hunter2\"", "invalid type: string, expected a table with `certificate` and `key`"),
    ] {
        write(&file, text)?;
        let message = refusal(&["--config", file.to_str().ok_or("not UTF-8")?]);
        assert!(message.contains(why) && !message.contains("hunter2"), "{message}");
    }
    Ok(())
}

/// With a key in place of the settings, the parser takes a piece of the key for the name of a setting.
#[test]
fn key_given_as_settings_is_not_shown() -> Result<(), Box<dyn Error>> {
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    for text in [
        format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n"),
        format!("{KEY}==\n"),
        format!("{KEY} = 1\n"),
        format!("[{KEY}]\n"),
        format!("[tls]\n{KEY} = 1\n"),
        format!("\"{KEY}\" = 1\n"),
        format!("a = 1\na.{KEY} = 1\n"),
        format!("log-format = \"{KEY}\"\n"),
        format!("no-key-export = \"{KEY}\"\n"),
        format!("{KEY} = 1\n{KEY} = 2\n"),
    ] {
        write(&file, &text)?;
        let message = refusal(&["--config", file.to_str().ok_or("not UTF-8")?]);
        assert!(message.contains("csr.toml, line "), "{message}");
        assert!((0..KEY.len() - 20).all(|at| !message.contains(&KEY[at..at + 20])), "{message}");
    }
    Ok(())
}

#[test]
fn settings_may_begin_with_a_byte_order_mark_and_must_be_utf8() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("csr.toml");
    let config = file.to_str().ok_or("not UTF-8")?;
    write(&file, "\u{feff}max-connections = 5\n")?;
    assert_eq!(settings(&["--data-dir", "/d", "--config", config])?.max_connections, 5);
    let utf16: Vec<u8> = "\u{feff}listen".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&file, utf16)?;
    let message = settings(&["--config", config]).err().map(|error| format!("{error:#}"));
    assert!(message.is_some_and(|message| message.contains("--config")));
    Ok(())
}
