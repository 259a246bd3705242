use csr_core::{CheckedRequest, CreateCsrRequest, CsrSpec, CsrSpecBuilder, PrivateKeyAlgo};

use crate::{Reading, Result, Tool};

const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";

/// What is asked for, and what a tool must find in the CSR.
#[derive(Debug)]
pub struct Shape {
    /// Names the shape, and its file.
    pub name: String,
    asked: Asked,
    subject: Vec<String>,
    sans: Vec<String>,
    details: Vec<String>,
    values: Vec<String>,
    not_read_by: Vec<Tool>,
    keys: Keys,
}

/// Which keys can sign a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Any,
    /// For a digest: SM2 has its own.
    RsaOrEc,
    /// For PSS.
    Rsa,
}

#[derive(Debug)]
enum Asked {
    Request(Box<CreateCsrRequest>),
    ByHand(Box<CsrSpecBuilder>),
}

impl Shape {
    pub(crate) fn by_hand(name: &str, spec: CsrSpecBuilder) -> Self {
        Self::new(name, Asked::ByHand(Box::new(spec)))
    }

    pub(crate) fn request(name: &str, request: CreateCsrRequest) -> Self {
        Self::new(name, Asked::Request(Box::new(request)))
    }

    fn new(name: &str, asked: Asked) -> Self {
        Self {
            name: name.to_owned(),
            asked,
            subject: Vec::new(),
            sans: Vec::new(),
            details: Vec::new(),
            values: Vec::new(),
            not_read_by: Vec::new(),
            keys: Keys::Any,
        }
    }

    /// Expects this subject, written as in [`Reading::subject`].
    pub(crate) fn subject<S: AsRef<str>>(mut self, attributes: impl IntoIterator<Item = S>) -> Self {
        self.subject.extend(attributes.into_iter().map(|attribute| attribute.as_ref().to_owned()));
        self
    }

    /// Expects these SANs, written as in [`Reading::sans`].
    pub(crate) fn sans<S: AsRef<str>>(mut self, sans: impl IntoIterator<Item = S>) -> Self {
        self.sans.extend(sans.into_iter().map(|san| san.as_ref().to_owned()));
        self
    }

    /// Expects this name as the common name and the only SAN.
    pub(crate) fn only(self, name: &str) -> Self {
        self.subject([format!("CN={name}")]).sans([format!("DNS:{name}")])
    }

    /// Expects these further [details](Reading::details); those of the SANs are seen to.
    pub(crate) fn details<'a>(mut self, details: impl IntoIterator<Item = &'a str>) -> Self {
        self.details.extend(details.into_iter().map(str::to_owned));
        self
    }

    /// Asks for this instead.
    pub(crate) fn asked(self, spec: CsrSpecBuilder) -> Self {
        Self { asked: Asked::ByHand(Box::new(spec)), ..self }
    }

    /// Expects this extension of any type.
    pub(crate) fn extension(mut self, oid: &str, is_critical: bool, der: &str) -> Self {
        self.details.push(format!("extension {oid}{}", if is_critical { " critical" } else { "" }));
        self.values.push(format!("extension {oid} {der}"));
        self
    }

    /// Expects this attribute of any type.
    pub(crate) fn attribute(mut self, oid: &str, der: &str) -> Self {
        self.details.push(format!("attribute {oid}"));
        self.values.push(format!("attribute {oid} {der}"));
        self
    }

    /// Leaves out the tools that cannot show this shape without ambiguity. Why stands beside each call.
    pub(crate) fn not_read_by(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.not_read_by.extend(tools);
        self
    }

    /// Leaves out SM2, which signs with SM3 alone.
    pub(crate) fn with_rsa_or_ec(mut self) -> Self {
        self.keys = Keys::RsaOrEc;
        self
    }

    /// Leaves out all keys but RSA's.
    pub(crate) fn with_rsa(mut self) -> Self {
        self.keys = Keys::Rsa;
        self
    }

    /// Whether a key of the algorithm can sign it.
    #[must_use]
    pub fn applies(&self, algorithm: PrivateKeyAlgo) -> bool {
        let is_rsa = algorithm.as_str().starts_with("RSA_");
        match self.keys {
            Keys::Any => true,
            Keys::RsaOrEc => algorithm != PrivateKeyAlgo::Sm2,
            Keys::Rsa => is_rsa,
        }
    }

    /// Whether the tool shows all of it.
    #[must_use]
    pub fn is_read_by(&self, tool: Tool) -> bool {
        !self.not_read_by.contains(&tool)
    }

    /// The specification asked for.
    ///
    /// # Errors
    ///
    /// When the library refuses it, which it should not.
    pub fn spec(&self) -> Result<CsrSpec> {
        match &self.asked {
            Asked::Request(request) => {
                CheckedRequest::new(request.as_ref().clone()).map(|checked| checked.into_parts().1)
            }
            Asked::ByHand(builder) => builder.as_ref().clone().build(),
        }
        .map_err(|faults| format!("{}: {faults}", self.name).into())
    }

    /// What a tool must read, whatever the key.
    #[must_use]
    pub fn expected(&self) -> Reading {
        let mut details = self.details.clone();
        if !self.sans.is_empty() {
            let critical = if self.subject.is_empty() { " critical" } else { "" };
            details.push(format!("extension {SUBJECT_ALT_NAME}{critical}"));
        }
        if details.iter().any(|detail| detail.starts_with("extension ")) {
            details.push(format!("attribute {EXTENSION_REQUEST}"));
        }
        details.sort();
        let mut values = self.values.clone();
        values.sort();
        Reading {
            subject: self.subject.clone(),
            sans: self.sans.clone(),
            details: Some(details),
            values: Some(values),
            ..Reading::default()
        }
    }
}
