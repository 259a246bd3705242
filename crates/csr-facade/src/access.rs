//! Issues, lists and revokes what callers authenticate with: tokens and credentials.

use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use csr_model::{Fault, Faults, Field, Reason};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::caller::{Caller, CallerKind, Rights};
use crate::clock::now;
use crate::error::Error;
use crate::vault::Vault;

/// The longest label, in characters.
const LABEL: usize = 255;
/// RFC 4648's base32 alphabet: five bits per character.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Issues, lists and revokes tokens and credentials. A clone works on the same store.
#[derive(Debug, Clone)]
pub struct Access {
    vault: Vault,
}

/// A new token. It is shown once, because the store keeps only its hash.
pub struct IssuedToken {
    /// Its caller.
    pub caller: Caller,
    /// The value of `X-Auth-Token`: `csr_` and 256 random bits as 43 base64url characters.
    pub token: Zeroizing<String>,
}

/// A new credential. The secret key is shown once, because the store keeps it sealed.
pub struct IssuedCredential {
    /// Its caller, whose id is the access key: 20 upper-case letters and digits.
    pub caller: Caller,
    /// The key that signs requests: 240 random bits as 40 base64url characters.
    pub secret_key: Zeroizing<String>,
}

impl Access {
    /// Works on the callers in this vault.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self { vault }
    }

    /// Issues a token.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if no right is given, or the label is too long or has control characters;
    /// [`Error::Internal`].
    pub async fn issue_token(&self, label: &str, rights: Rights) -> Result<IssuedToken, Error> {
        let token = Self::draft_token(label, rights)?;
        self.keep_token(&token).await?;
        Ok(token)
    }

    /// Makes a token that is not yet valid, to show it before it is [stored](Self::keep_token). So
    /// no token is stored that nobody has seen.
    ///
    /// # Errors
    ///
    /// As [`issue_token`](Self::issue_token).
    pub fn draft_token(label: &str, rights: Rights) -> Result<IssuedToken, Error> {
        let id = format!("t-{}", hex::lower::encode_string(&*random::<8>()?));
        let caller = caller(id, label, CallerKind::Token, rights)?;
        let random = Base64UrlUnpadded::encode_string(&*random::<32>()?);
        let random = Zeroizing::new(random);
        let token = Zeroizing::new(["csr_", &random].concat());
        Ok(IssuedToken { caller, token })
    }

    /// Makes a drafted token valid.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub async fn keep_token(&self, IssuedToken { caller, token }: &IssuedToken) -> Result<(), Error> {
        let hash = Sha256::digest(token.as_bytes()).into();
        Ok(self.vault.add_token(caller, hash).await?)
    }

    /// Issues an access key and its secret key.
    ///
    /// # Errors
    ///
    /// As [`issue_token`](Self::issue_token).
    pub async fn issue_credential(&self, label: &str, rights: Rights) -> Result<IssuedCredential, Error> {
        let credential = Self::draft_credential(label, rights)?;
        self.keep_credential(&credential).await?;
        Ok(credential)
    }

    /// Makes a credential that is not yet valid, to show it before it is
    /// [stored](Self::keep_credential).
    ///
    /// # Errors
    ///
    /// As [`issue_token`](Self::issue_token).
    pub fn draft_credential(label: &str, rights: Rights) -> Result<IssuedCredential, Error> {
        let access_key: String =
            random::<20>()?.iter().map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect();
        let caller = caller(access_key, label, CallerKind::Credential, rights)?;
        let secret_key = Zeroizing::new(Base64UrlUnpadded::encode_string(&*random::<30>()?));
        Ok(IssuedCredential { caller, secret_key })
    }

    /// Makes a drafted credential valid.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub async fn keep_credential(&self, credential: &IssuedCredential) -> Result<(), Error> {
        let IssuedCredential { caller, secret_key } = credential;
        Ok(self.vault.add_credential(caller, secret_key.as_bytes()).await?)
    }

    /// All callers, including revoked ones, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub async fn list(&self) -> Result<Vec<Caller>, Error> {
        Ok(self.vault.callers().await?)
    }

    /// Revokes the caller with this id, with immediate effect. Returns whether there was such a
    /// caller and it had not been revoked before.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub async fn revoke(&self, id: &str) -> Result<bool, Error> {
        Ok(self.vault.revoke(id, present()).await?)
    }
}

/// Milliseconds since the Unix epoch. A clock that isn't set must not prevent a revocation.
fn present() -> i64 {
    now().unwrap_or_default()
}

fn caller(id: String, label: &str, kind: CallerKind, rights: Rights) -> Result<Caller, Error> {
    let mut faults = Vec::new();
    let found = label.chars().count();
    if found > LABEL {
        let reason = Reason::TooLong { found, max: LABEL, rule: "the limit of a label" };
        faults.push(Fault::new(Field::Label, "", reason));
    }
    faults.extend(Fault::of_controls(Field::Label, label));
    if rights.is_empty() {
        faults.push(Fault::new(Field::Rights, "", Reason::Missing));
    }
    Faults::check(faults)?;
    Ok(Caller { id, label: label.to_owned(), kind, rights, create_time: present(), revoke_time: None })
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes)?;
    Ok(bytes)
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl fmt::Debug for IssuedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedCredential").field("caller", &self.caller).finish_non_exhaustive()
    }
}
