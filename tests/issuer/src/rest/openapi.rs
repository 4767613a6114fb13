//! What every operation of the OpenAPI document has: the key in its header, and the errors.

use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};

/// Why a request was not done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorInfo {
    /// For programs.
    error_code: String,
    /// For people; no secrets.
    error_message: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "softtoken reference issuer",
        description = "Users, soft and hardware tokens, activation and sign-in. Names follow the public IDaaS interface where it has them.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ErrorInfo))
)]
struct Start;

/// The document without addresses.
pub fn start() -> Document {
    Start::openapi()
}

/// Adds the key and the errors to every operation.
pub fn finish(mut document: Document) -> Document {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        operations.into_iter().flatten().for_each(add_errors);
    }
    let key =
        ApiKeyValue::with_description("Authorization", "A key made by `softtoken-issuer api-key create`.");
    let scheme = SecurityScheme::ApiKey(ApiKey::Header(key));
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert(SCHEME.to_owned(), RefOr::T(scheme));
    document.security = Some(vec![SecurityRequirement::new(SCHEME, [""; 0])]);
    document
}

fn add_errors(operation: &mut Operation) {
    for (status, description) in ERRORS {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorInfo"))).build();
        let response = ResponseBuilder::new().description(*description).content("application/json", content);
        operation.responses.responses.insert((*status).to_owned(), RefOr::T(response.build()));
    }
}

const SCHEME: &str = "apiKey";

const ERRORS: &[(&str, &str)] = &[
    ("400", "A value is missing or wrong."),
    ("401", "No key, or not one that is in use."),
    ("403", "Not with this key, or the token is locked."),
    ("404", "No such user, token or challenge."),
    ("405", "This method is not for this address."),
    ("408", "The body came too slowly."),
    ("409", "It exists already, or its state does not allow it."),
    ("410", "The activation has expired or is void."),
    ("413", "The body is too large."),
    ("415", "The body is no JSON."),
    ("421", "The request names another host."),
    ("429", "Too many tries."),
];
