use csr_core::{CheckedRequest, CreateCsrRequest, CsrSpec, CsrSpecBuilder};

use crate::{Reading, Result};

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
        Self { name: name.to_owned(), asked, subject: Vec::new(), sans: Vec::new(), details: Vec::new() }
    }

    /// Expects this subject, as `TYPE=value`, in the CSR's order.
    pub(crate) fn subject<S: AsRef<str>>(mut self, attributes: impl IntoIterator<Item = S>) -> Self {
        self.subject.extend(attributes.into_iter().map(|attribute| attribute.as_ref().to_owned()));
        self
    }

    /// Expects these SANs, as `DNS:`, `IP:`, `email:` or `URI:` and the name.
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
        Reading {
            subject: self.subject.clone(),
            sans: self.sans.clone(),
            details: Some(details),
            ..Reading::default()
        }
    }
}
