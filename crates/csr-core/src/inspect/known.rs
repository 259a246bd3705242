//! The structures of known `otherName`s and attributes.

use super::error::InspectError;
use super::oid;
use super::reader::{Element, Reader};
use super::value::{Raw, Value, ascii, text};
use crate::tag;

const GENERAL_STRING: u8 = 0x1B;

/// The value of an `otherName` of the type that [`oid::other_name`] calls `name`.
pub(super) fn other_name(
    name: Option<&str>,
    element: &Element<'_>,
    reader: &mut Reader<'_>,
) -> Result<Value, InspectError> {
    match name {
        Some("krb5PrincipalName") => kerberos_principal(reader.nested(tag::SEQUENCE)?),
        Some("hardwareModuleName") => hardware_module(reader.nested(tag::SEQUENCE)?),
        Some("permanentIdentifier") => permanent_identifier(reader.nested(tag::SEQUENCE)?),
        // The security identifier is the text of an OCTET STRING ([MS-WCCE] section 2.2.2.7.7.4).
        Some("msNtdsObjectSid") => match ascii(reader.element(tag::OCTET_STRING)?.value) {
            Some(text) => Ok(Value::Text(text)),
            None => reader.fault("the identifier is not ASCII"),
        },
        Some("msNtdsReplication") => Ok(Value::Raw(Raw::of(reader.element(tag::OCTET_STRING)?.value))),
        Some(_) if text(element).is_none() => reader.fault("the value is not a string that decodes"),
        _ => Ok(Value::of(element)),
    }
}

/// The value of a request's attribute that [`oid::request_attribute`] calls `name`.
pub(super) fn attribute(
    name: Option<&str>,
    element: &Element<'_>,
    reader: &mut Reader<'_>,
) -> Result<Value, InspectError> {
    match name {
        Some("msRequestClientInfo") => client_info(reader.nested(tag::SEQUENCE)?),
        Some("msEnrollmentCspProvider") => csp_provider(reader.nested(tag::SEQUENCE)?),
        Some("msEnrollmentNameValuePair") => name_value_pair(reader.nested(tag::SEQUENCE)?),
        Some("msRenewalCertificate") => {
            let sha256 = crate::inspect::sha256(reader.element(tag::SEQUENCE)?.raw);
            Ok(Value::Certificate { sha256 })
        }
        Some("challengePassword" | "unstructuredName" | "msOsVersion") if text(element).is_none() => {
            reader.fault("the value is not a string that decodes")
        }
        _ => Ok(Value::of(element)),
    }
}

/// RFC 4556 section 3.2.2, RFC 4120 section 5.2.2.
fn kerberos_principal(mut principal: Reader<'_>) -> Result<Value, InspectError> {
    let realm = general_string(&mut principal.nested(tag::constructed(0))?)?;
    let mut name = principal.nested(tag::constructed(1))?.nested(tag::SEQUENCE)?;
    name.nested(tag::constructed(0))?.element(tag::INTEGER)?;
    let mut components = name.nested(tag::constructed(1))?.nested(tag::SEQUENCE)?;
    let mut names = Vec::new();
    while !components.is_empty() {
        names.push(general_string(&mut components)?);
    }
    name.finish()?;
    principal.finish()?;
    Ok(Value::KerberosPrincipal { realm, name: names })
}

fn general_string(reader: &mut Reader<'_>) -> Result<String, InspectError> {
    match ascii(reader.element(GENERAL_STRING)?.value) {
        Some(text) => Ok(text),
        None => reader.fault("a GeneralString is not ASCII"),
    }
}

/// RFC 4108 section 5.
fn hardware_module(mut name: Reader<'_>) -> Result<Value, InspectError> {
    let hardware_type = oid::read(&mut name)?;
    let serial_number = Raw::of(name.element(tag::OCTET_STRING)?.value);
    name.finish()?;
    Ok(Value::HardwareModule { hardware_type, serial_number })
}

/// RFC 4043 section 2.
fn permanent_identifier(mut name: Reader<'_>) -> Result<Value, InspectError> {
    let identifier = if name.is_next(tag::UTF8_STRING) { Some(string(&mut name)?) } else { None };
    let assigner = if name.is_empty() { None } else { Some(oid::read(&mut name)?) };
    name.finish()?;
    Ok(Value::PermanentIdentifier { identifier, assigner })
}

/// [MS-WCCE] section 2.2.2.7.4.
fn client_info(mut info: Reader<'_>) -> Result<Value, InspectError> {
    let client_id = info.number()?;
    let (machine, user, process) = (string(&mut info)?, string(&mut info)?, string(&mut info)?);
    info.finish()?;
    Ok(Value::ClientInfo { client_id, machine, user, process })
}

/// [MS-WCCE] section 2.2.2.7.2: a number, the name and an unused signature.
fn csp_provider(mut provider: Reader<'_>) -> Result<Value, InspectError> {
    let value = Value::CspProvider { key_spec: provider.number()?, provider: string(&mut provider)? };
    provider.optional(tag::BIT_STRING)?;
    provider.finish()?;
    Ok(value)
}

/// [MS-WCCE] section 2.2.2.7.10.
fn name_value_pair(mut pair: Reader<'_>) -> Result<Value, InspectError> {
    let value = Value::NameValuePair { name: string(&mut pair)?, value: string(&mut pair)? };
    pair.finish()?;
    Ok(value)
}

fn string(reader: &mut Reader<'_>) -> Result<String, InspectError> {
    match text(&reader.any()?) {
        Some(text) => Ok(text),
        None => reader.fault("a value is not a string that decodes"),
    }
}
