//! How the pages look: languages, the frame of the portal, nothing inline, a way back to the app.

use axum::body::Body;
use axum::http::Request;
use softtoken_e2e::browser::split;
use softtoken_issuer::orders::OrderRequest;
use tower::ServiceExt;

use crate::devices::{LINK, World, begin, by_link};
use crate::pages::{ask, open, open_with, page, picture, send};

/// The page of a face, and its two digits.
async fn face(world: &World) -> (String, String) {
    let mut device = begin(by_link(&world.order(OrderRequest { verifications: Some(2), ..LINK }).await));
    world.step(&mut device).await;
    page(ask(world, &mut device).await)
}

#[tokio::test]
async fn a_page_speaks_the_language_of_the_browser_or_the_one_chosen_in_the_portal() {
    let world = World::new().await;
    let (url, _) = face(&world).await;
    let english = open(&world.router, &url).await.1;
    assert!(
        english.contains("<html lang=\"en\">") && english.contains("Yes, my app shows this"),
        "{english}"
    );
    for (name, value) in [("accept-language", "de-AT,en;q=0.5"), ("cookie", "softtoken-language=de")] {
        let german = open_with(&world.router, &url, name, value).await;
        assert!(
            german.contains("<html lang=\"de\">") && german.contains("Ja, das zeigt meine App"),
            "{german}"
        );
    }
    let gone = open_with(&world.router, &format!("{url}x"), "accept-language", "de").await;
    assert!(gone.contains("Link ungültig"), "{gone}");
}

#[tokio::test]
async fn the_page_of_a_face_works_without_a_script_and_shows_the_camera_only_with_one() {
    let world = World::new().await;
    let (url, number) = face(&world).await;
    let html = open(&world.router, &url).await.1;
    for part in [
        &*format!(">{number}</output>"),
        "enctype=\"multipart/form-data\"",
        "type=\"file\" name=\"picture\" accept=\"image/jpeg,image/png\" capture=\"user\"",
        "data-camera=\"picture\" hidden",
        "<link rel=\"stylesheet\" href=\"/portal/style.",
        "<script src=\"/portal/camera.",
        "section class=\"card narrow\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("style=") && !html.contains(" onclick") && html.matches("<script").count() == 1);
    assert_eq!(html.matches("<h1").count(), 1);
}

#[tokio::test]
async fn every_page_at_the_end_says_what_is_next_and_leads_back_to_the_app() {
    for (decision, next) in [("send", "Go back to the app."), ("no", "no token was given to anybody")] {
        let world = World::new().await;
        let (url, _) = face(&world).await;
        let (_, html) = send(&world.router, &url, decision, &picture(100)).await;
        let (_, gone) = open(&world.router, &url).await;
        assert!(html.contains(next), "{html}");
        for html in [html, gone] {
            assert!(html.contains("href=\"softtoken://v\""), "{html}");
            assert!(!html.contains("<form"), "{html}");
        }
    }
}

#[tokio::test]
async fn a_language_is_chosen_on_the_page_and_the_page_comes_again_in_it() {
    let world = World::new().await;
    let (url, _) = face(&world).await;
    let (origin, ticket) = split(&url).unwrap();
    let page = open(&world.router, &url).await.1;
    assert!(page.contains("action=\"/verify/language\"") && page.contains("value=\"de\""), "{page}");
    let choose = async |from: &str, fields: String| {
        let request = Request::post(format!("{origin}/verify/language")).header("origin", from);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = world.router.clone().oneshot(request.body(Body::from(fields)).unwrap()).await.unwrap();
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), header("location"), header("set-cookie"))
    };
    let (status, to, cookie) = choose(origin, format!("ticket={ticket}&lang=de")).await;
    assert_eq!((status, to.as_deref()), (303, Some(&*format!("/verify/{ticket}"))));
    let cookie = cookie.unwrap();
    let german = open_with(&world.router, &url, "cookie", cookie.split(';').next().unwrap()).await;
    assert!(german.contains("Ja, das zeigt meine App"), "the ticket lives: {german}");
    for (from, fields) in [
        ("https://elsewhere.example", format!("ticket={ticket}&lang=de")),
        (origin, format!("ticket={ticket}&lang=xx")),
        (origin, "ticket=//elsewhere.example&lang=de".to_owned()),
        (origin, format!("ticket={ticket}")),
    ] {
        assert_eq!(choose(from, fields.clone()).await, (404, None, None), "{from} {fields}");
    }
    let (_, end) = send(&world.router, &url, "send", &picture(100)).await;
    assert!(!end.contains("/verify/language"), "what was decided is not shown again: {end}");
}
