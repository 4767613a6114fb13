use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use softtoken_issuer::{patterns, rest};

use crate::world::World;

fn document() -> Value {
    serde_json::to_value(rest::document()).unwrap()
}

/// The copy is for people and tools without an issuer. `SOFTTOKEN_WRITE_OPENAPI=1` writes it anew.
#[test]
fn the_openapi_file_is_what_the_router_was_made_from() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("SOFTTOKEN_WRITE_OPENAPI").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap() == text, "write it anew with SOFTTOKEN_WRITE_OPENAPI=1");
}

#[tokio::test]
async fn every_documented_address_is_there_and_takes_no_other_method() {
    let world = World::new().await;
    let document = document();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let uri = path
            .replace("{id}", "0123456789abcdef0123456789abcdef")
            .replace("{type}", "SOFT_TOKEN")
            .replace("{authenticator}", "TOKEN");
        for method in ["get", "put", "post", "delete", "patch", "options"] {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&uri);
            let (status, _) = world.send(request.body(Body::empty()).unwrap()).await;
            let wanted = match item.get(method) {
                Some(_) => StatusCode::UNAUTHORIZED,
                None => StatusCode::METHOD_NOT_ALLOWED,
            };
            assert_eq!(status, wanted, "{method} {path}");
            seen += usize::from(item.get(method).is_some());
        }
    }
    assert!(seen >= 15, "{seen} operations");
}

#[test]
fn published_patterns_are_those_that_are_checked() {
    let text = document().to_string();
    for pattern in [patterns::ID, patterns::USER_NAME, patterns::EMAIL] {
        assert!(text.contains(&Value::from(pattern).to_string()), "{pattern}");
    }
}
