//! The schemas with the documented limits, which the types of the fields don't show.

use core::fmt::Display;

use utoipa::openapi::schema::{Object, ObjectBuilder, RefBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::{CreateCsrRequest, PageSize, PrivateKeyAlgo, Usage, limits};

impl PartialSchema for CreateCsrRequest {
    fn schema() -> RefOr<Schema> {
        let required = ["name", "domain_name", "private_key_algo", "usage"];
        let object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("`POST /v3/scm/csr`: generate a key and a CSR"))
            .property("name", name())
            .property("domain_name", domain_name())
            .property("sans", given_sans())
            .property("private_key_algo", described(PrivateKeyAlgo::name(), "Which key to generate"))
            .property("usage", described(Usage::name(), "Who the certificate is for"))
            .property("company_country", given_company())
            .property("company_province", given_company())
            .property("company_city", given_company())
            .property("company_name", given_company())
            .examples([serde_json::json!({
                "name": "web", "domain_name": "example.com", "sans": "www.example.com;192.0.2.7",
                "private_key_algo": "EC_P256", "usage": "ENTERPRISE", "company_country": "CN",
                "company_province": "Beijing", "company_city": "Beijing", "company_name": "Company",
            })]);
        required.into_iter().fold(object, ObjectBuilder::required).into()
    }
}

impl ToSchema for CreateCsrRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((PrivateKeyAlgo::name().into(), PrivateKeyAlgo::schema()));
        schemas.push((Usage::name().into(), Usage::schema()));
    }
}

fn described(schema: impl Display, description: &str) -> RefBuilder {
    RefBuilder::new().ref_location_from_schema_name(schema.to_string()).description(Some(description))
}

pub(crate) fn one_of(doc: &str, names: &[&str]) -> RefOr<Schema> {
    let names = names.iter().copied();
    string().description(Some(doc.trim())).enum_values(Some(names)).build().into()
}

pub(crate) fn id() -> Object {
    string().pattern(Some("^[0-9a-f]{32}$")).description(Some("32 lower-case hexadecimal digits")).build()
}

pub(crate) fn name() -> Object {
    string()
        .min_length(Some(1))
        .max_length(Some(limits::NAME))
        .description(Some("The user's own name for the CSR"))
        .build()
}

pub(crate) fn domain_name() -> Object {
    string()
        .min_length(Some(1))
        .max_length(Some(limits::DOMAIN_NAME))
        .description(Some("The domain bound to the CSR"))
        .build()
}

pub(crate) fn given_sans() -> Object {
    string_or_null()
        .max_length(Some(limits::SANS))
        .description(Some("Further domain names and addresses, separated by `;`"))
        .build()
}

pub(crate) fn given_company() -> Object {
    string_or_null()
        .max_length(Some(limits::COMPANY))
        .description(Some(
            "Mandatory for an ENTERPRISE, unless the server has an organization profile that fills it",
        ))
        .build()
}

pub(crate) fn given_csr() -> Object {
    string().min_length(Some(1)).description(Some("The CSR, PEM")).build()
}

pub(crate) fn given_key() -> Object {
    string_or_null().description(Some("Its private key, PEM")).build()
}

pub(crate) fn limit() -> Object {
    let sizes = [PageSize::Ten, PageSize::Twenty, PageSize::Fifty].map(u64::from);
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some(sizes))
        .default(Some(u64::from(PageSize::default()).into()))
        .description(Some("The number of items on a page"))
        .build()
}

pub(crate) fn offset() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .default(Some(0.into()))
        .description(Some("The number of items to skip"))
        .build()
}

pub(crate) fn error_code() -> Object {
    string()
        .min_length(Some(limits::ERROR_CODE_MIN))
        .max_length(Some(limits::ERROR_CODE_MAX))
        .description(Some("E.g. `SCM.0005`"))
        .build()
}

pub(crate) fn error_msg() -> Object {
    string().max_length(Some(limits::ERROR_MSG)).description(Some("What is wrong, for people")).build()
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn string_or_null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}
