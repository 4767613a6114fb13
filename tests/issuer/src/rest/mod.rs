//! The interface for programs, in the shapes of the public IDaaS interface: JSON, an API key, typed errors.
//!
//! | File | Holds |
//! |---|---|
//! | `keys` | API keys and what each role may |
//! | `input` | reading of paths, parameters and bodies within limits |
//! | `users`, … | one file for each group of addresses |
//!
//! Invariant: the OpenAPI file is made from the same list as the router (`openapi`), so neither has an
//! address that the other lacks; `tests/issuer/openapi.json` is a copy that a test compares.

mod activation;
mod hardware;
pub mod input;
pub mod keys;
mod openapi;
mod records;
mod signin;
mod tokens;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::issuer::Issuer;

/// All addresses, with the OpenAPI document at `/api/openapi.json`, which needs no key.
pub fn routes() -> Router<Arc<Issuer>> {
    let (router, _) = described().split_for_parts();
    router.route("/api/openapi.json", get(|| async { axum::Json(document()) }))
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    openapi::finish(described().split_for_parts().1)
}

fn described() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::with_openapi(openapi::start())
        .routes(routes!(users::create, users::list))
        .routes(routes!(users::find))
        .routes(routes!(users::get, users::delete))
        .routes(routes!(tokens::of_user))
        .routes(routes!(tokens::create))
        .routes(routes!(tokens::get, tokens::delete))
        .routes(routes!(tokens::change_state))
        .routes(routes!(tokens::unlock))
        .routes(routes!(tokens::rekey))
        .routes(routes!(activation::order, activation::complete))
        .routes(routes!(signin::start))
        .routes(routes!(signin::complete))
        .routes(routes!(signin::challenge))
        .routes(routes!(signin::reset))
        .routes(routes!(hardware::import))
        .routes(routes!(hardware::assign))
        .routes(routes!(hardware::unassign))
        .routes(routes!(records::events))
        .routes(routes!(records::policy))
}
