//! How the pages look: languages, the frame of the portal, nothing inline, a way back to the app.

use softtoken_issuer::orders::OrderRequest;

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
        "<link rel=\"stylesheet\" href=\"/portal/style.css\">",
        "<script src=\"/portal/camera.js\" defer></script>",
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
