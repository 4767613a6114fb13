//! The style sheet, the scripts and the icon: the same for everybody, kept by browsers for an hour.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::routing::get;

use crate::issuer::Issuer;

/// For every listener that shows pages.
pub(crate) fn routes() -> Router<Arc<Issuer>> {
    let mut router = Router::new();
    for (path, kind, text) in FILES {
        let headers = [
            (CONTENT_TYPE, *kind),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CACHE_CONTROL, "public, max-age=3600"),
        ];
        router = router.route(path, get(move || async move { (headers, *text) }));
    }
    router
}

const FILES: &[(&str, &str, &str)] = &[
    ("/portal/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/portal/copy.js", "text/javascript; charset=utf-8", include_str!("copy.js")),
    ("/portal/camera.js", "text/javascript; charset=utf-8", include_str!("camera.js")),
    ("/portal/icon.svg", "image/svg+xml", include_str!("icon.svg")),
];
