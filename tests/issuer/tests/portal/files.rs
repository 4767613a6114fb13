//! What pages load: kept for a year, because another text has another address.

use axum::body::Body;
use ring::digest::{SHA256, digest};

use crate::world::World;

#[tokio::test]
async fn what_pages_load_is_kept_for_a_year_under_an_address_with_its_hash() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.open("/portal/sign-in").await;
    let kinds = [".css", ".js", ".svg"];
    let is_file = |part: &&str| part.starts_with("/portal/") && kinds.iter().any(|kind| part.ends_with(kind));
    let mut files: Vec<String> = browser.html.split('"').filter(is_file).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        let headers = browser.raw(browser.request("GET", &file).body(Body::empty()).unwrap()).await;
        assert_eq!(browser.status, 200, "{file}");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert!(headers.get("set-cookie").is_none(), "{file}");
        let hash = digest(&SHA256, browser.html.as_bytes());
        let hash: String = hash.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file.split('.').nth(1), Some(hash.as_str()), "{file}");
        let other = file.replace(&hash, "000000000000");
        let headers = browser.raw(browser.request("GET", &other).body(Body::empty()).unwrap()).await;
        assert_eq!((browser.status.as_u16(), &headers["cache-control"]), (404, &"no-store".parse().unwrap()));
    }
}
