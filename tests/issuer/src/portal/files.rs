//! The style sheet, the scripts and the icon: the same for everybody, kept by browsers for a year.
//!
//! Invariant: the address of a file has a part of its hash in it. A new text is a new address, so whoever has an
//! address has its text for good.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::routing::get;
use ring::digest::{SHA256, digest};

use crate::issuer::Issuer;

/// A file that pages load.
#[derive(Debug, Clone, Copy)]
pub(crate) enum File {
    /// The style sheet.
    Style,
    /// The script of copy buttons.
    Copy,
    /// The script of the camera.
    Camera,
    /// The icon.
    Icon,
}

impl File {
    const ALL: [Self; 4] = [Self::Style, Self::Copy, Self::Camera, Self::Icon];

    /// Where it is.
    pub(crate) fn address(self) -> &'static str {
        static ADDRESSES: LazyLock<[String; 4]> = LazyLock::new(|| File::ALL.map(File::make_address));
        let [style, copy, camera, icon] = &*ADDRESSES;
        match self {
            Self::Style => style,
            Self::Copy => copy,
            Self::Camera => camera,
            Self::Icon => icon,
        }
    }

    fn make_address(self) -> String {
        let (name, _, text) = self.content();
        let hash = digest(&SHA256, text.as_bytes());
        let version: String =
            hash.as_ref().iter().take(VERSION_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let (stem, kind) = name.split_once('.').unwrap_or((name, ""));
        format!("/portal/{stem}.{version}.{kind}")
    }

    /// Name, media type and text.
    fn content(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Style => ("style.css", "text/css; charset=utf-8", include_str!("style.css")),
            Self::Copy => ("copy.js", "text/javascript; charset=utf-8", include_str!("copy.js")),
            Self::Camera => ("camera.js", "text/javascript; charset=utf-8", include_str!("camera.js")),
            Self::Icon => ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
        }
    }
}

/// For every listener that shows pages.
pub(crate) fn routes() -> Router<Arc<Issuer>> {
    let mut router = Router::new();
    for file in File::ALL {
        let (_, kind, text) = file.content();
        let headers = [
            (CONTENT_TYPE, kind),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        router = router.route(file.address(), get(move || async move { (headers, text) }));
    }
    router
}

/// Enough that no two texts of ours share them.
const VERSION_BYTES: usize = 6;
