use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum_server::Handle;
use serde_json::json;
use softtoken_issuer::server;

use crate::world::World;

#[tokio::test]
async fn without_a_key_that_is_in_use_nothing_is_told() {
    let world = World::new().await;
    let revoked =
        world.issuer.create_api_key("test", "old", softtoken_issuer::rest::keys::Role::Admin).await.unwrap();
    let id = world.issuer.api_keys().await.unwrap().into_iter().find(|key| key.name == "old").unwrap().id;
    assert_eq!(world.ask(&revoked, "GET", "/api/web/v1/users", None).await.0, StatusCode::OK);
    assert_eq!(
        world.ask(&format!("Bearer {}", *revoked), "GET", "/api/web/v1/users", None).await.0,
        StatusCode::OK
    );
    world.issuer.revoke_api_key("test", &id).await.unwrap();
    let long = "stk_".to_owned() + &"a".repeat(5000);
    for key in [revoked.as_str(), "", "Bearer", "stk_", "stk_a", &long, "Basic YTpi"] {
        for path in ["/api/web/v1/users", "/api/web/v1/users/0123456789abcdef0123456789abcdef"] {
            let (status, answer) = world.ask(key, "GET", path, None).await;
            assert_eq!((status, &answer["errorCode"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")));
        }
    }
    let (status, _) = world.send(Request::get("/api/web/v1/users").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let hashes: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT hash FROM api_keys").fetch_all(world.issuer.store.read()).await.unwrap();
    assert!(hashes.iter().all(|hash| hash.len() == 32), "only hashes are kept");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_a_typed_4xx() {
    let world = World::new().await;
    let (_, token) = world.user_with_token().await;
    let post = |path: &str| Request::post(path.to_owned()).header("authorization", &world.admin);
    let json = || post("/api/web/v1/users").header("content-type", "application/json");
    let huge = format!("{{\"userId\":\"{}\"}}", "a".repeat(70_000));
    let put =
        Request::put(format!("/api/web/v1/tokens/{token}/unlock")).header("authorization", &world.admin);
    let cases = [
        (json().body(Body::from("{")).unwrap(), 400, "bad_value"),
        (json().body(Body::from([0xff, 0xfe].to_vec())).unwrap(), 400, "bad_value"),
        (json().body(Body::empty()).unwrap(), 400, "bad_value"),
        (json().body(Body::from(huge)).unwrap(), 413, "too_large"),
        (post("/api/web/v1/users").body(Body::from("{\"userId\":\"z\"}")).unwrap(), 415, "media_type"),
        (put.body(Body::from("unlockChallenge=1")).unwrap(), 415, "media_type"),
        (post("/api/web/v1/nothing").body(Body::empty()).unwrap(), 404, "not_found"),
        (post("/api/web/v1/tokens/..%2f..").body(Body::empty()).unwrap(), 405, "method_not_allowed"),
        (post("/api/web/v1/tokens/%ff").method("GET").body(Body::empty()).unwrap(), 404, "not_found"),
        (post("/api/web/v1/users?limit=-1").method("GET").body(Body::empty()).unwrap(), 400, "bad_value"),
        (post("/api/web/v1/users?limit=0").method("GET").body(Body::empty()).unwrap(), 400, "bad_value"),
        (post("/api/web/v1/users").method("PATCH").body(Body::empty()).unwrap(), 405, "method_not_allowed"),
        (post("/softtoken/2/open").method("GET").body(Body::empty()).unwrap(), 405, "method_not_allowed"),
    ];
    for (request, status, code) in cases {
        let shown = format!("{} {}", request.method(), request.uri());
        let (answered, answer) = world.send(request).await;
        assert_eq!(
            (answered.as_u16(), answer["errorCode"].as_str()),
            (status, Some(code)),
            "{shown} {answer}"
        );
    }
}

#[tokio::test]
async fn other_hosts_are_not_served() {
    let world = World::new().await;
    let ask = |host: &str| Request::get("/a").header("host", host.to_owned()).body(Body::empty()).unwrap();
    for host in ["issuer.example", "ISSUER.example:443", "127.0.0.1:8443"] {
        assert_eq!(world.send(ask(host)).await.0, StatusCode::OK, "{host}");
    }
    for host in [
        "evil.example",
        "issuer.example.evil",
        "issuer.example:8443",
        "",
        "a b",
        "127.0.0.1",
        "issuer.example@evil",
    ] {
        let (status, answer) = world.send(ask(host)).await;
        assert_eq!(
            (status, &answer["errorCode"]),
            (StatusCode::MISDIRECTED_REQUEST, &json!("misdirected")),
            "{host}"
        );
    }
    let both = Request::get("/a").header("host", "issuer.example").header("host", "evil.example");
    assert_eq!(world.send(both.body(Body::empty()).unwrap()).await.0, StatusCode::MISDIRECTED_REQUEST);
    let absolute = Request::get("http://evil.example/a").header("host", "issuer.example");
    assert_eq!(world.send(absolute.body(Body::empty()).unwrap()).await.0, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn the_page_of_a_link_consumes_nothing_and_loads_nothing_from_elsewhere() {
    let world = World::new().await;
    let (_, token) = world.user_with_token().await;
    let path = format!("/api/web/v1/tokens/{token}/activation");
    world.admin("POST", &path, Some(json!({ "type": "ONLINE" }))).await;
    let changes = world.issuer.store.counts().changes();
    for file in ["/a", "/a/page.css", "/a/open.js"] {
        for method in ["GET", "HEAD"] {
            let request = Request::builder().method(method).uri(file).body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert!(!text.contains("http://") && !text.contains("https://"), "{file} names another place");
        }
    }
    assert_eq!(world.issuer.store.counts().changes(), changes, "nothing was written");
    assert_eq!(
        world.admin("GET", &format!("/api/web/v1/tokens/{token}"), None).await.1["state"],
        "ACTIVATING"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_dribbles_is_cut_off_with_408() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = listener.local_addr().unwrap();
    let handle = Handle::new();
    let serving = tokio::spawn(server::serve(world.issuer.clone(), listener, handle.clone()));
    let head = format!(
        "POST /api/web/v1/users HTTP/1.1\r\nHost: issuer.example\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{{",
        world.admin
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        String::from_utf8(start.to_vec()).unwrap()
    });
    assert_eq!(answer.await.unwrap(), "HTTP/1.1 408");
    handle.shutdown();
    serving.await.unwrap().unwrap();
}
