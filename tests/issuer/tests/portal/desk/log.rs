//! The audit log: search, pages, CSV.

use axum::http::StatusCode;

use super::stage::Desk;
use crate::world::between;

#[tokio::test]
async fn the_log_is_searched_by_event_actor_user_serial_number_and_day() {
    let desk = Desk::new().await;
    let anna = desk.token(&desk.anna).await;
    let adam = desk.token(&desk.adam).await;
    desk.world.issuer.disable("somebody", &anna.id).await.unwrap();
    desk.world.clock.pass(86_400);
    desk.world.issuer.enable("somebody", &anna.id).await.unwrap();
    let mut browser = desk.of("dora").await;
    let (created, off, on) = (">token.created<", ">token.disabled<", ">token.enabled<");
    let searches = [
        ("event=token.created", [true, false, false]),
        ("actor=somebody", [false, true, true]),
        ("actor=nobody", [false, false, false]),
        ("user=anna", [true, true, true]),
        ("user=adam", [true, false, false]),
        (&format!("user={}", desk.adam), [true, false, false]),
        (&format!("serial={}", anna.serial), [true, true, true]),
        (&format!("serial={}", adam.serial), [true, false, false]),
        ("user=anna&to=2027-01-15", [true, true, false]),
        ("user=anna&from=2027-01-16", [false, false, true]),
        ("user=anna&from=2027-01-17", [false, false, false]),
        ("user=anna&event=token.enabled&actor=somebody&from=2027-01-16&to=2027-01-16", [false, false, true]),
        ("user=anna%27%20OR%201=1--", [false, false, false]),
    ];
    for (query, expected) in searches {
        browser.open(&format!("/desk/audit?{query}")).await;
        assert_eq!(browser.status, StatusCode::OK);
        assert_eq!([created, off, on].map(|event| browser.says(event)), expected, "{query}");
    }
    for query in ["from=tomorrow", "to=2027-02-30"] {
        browser.open(&format!("/desk/audit?{query}")).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(browser.says("Type a date as 2026-12-31."));
    }
}

#[tokio::test]
async fn pages_go_from_the_newest_line_to_the_oldest_without_gap_or_double() {
    let desk = Desk::new().await;
    let token = desk.token(&desk.anna).await;
    for _ in 0..40 {
        desk.world.issuer.disable("test", &token.id).await.unwrap();
        desk.world.issuer.enable("test", &token.id).await.unwrap();
    }
    let mut browser = desk.of("dora").await;
    let (mut path, mut seen) = ("/desk/audit?actor=test&user=anna".to_owned(), 0);
    let mut pages = 0;
    loop {
        browser.open(&path).await;
        seen += browser.html.matches(">token.disabled<").count();
        pages += 1;
        if !browser.says(">Older</a>") {
            break;
        }
        assert!(pages < 2, "the last page leads on");
        let before = between(&browser.html, "before=", "\"").unwrap();
        path = format!("/desk/audit?actor=test&user=anna&before={before}");
    }
    assert_eq!((seen, pages), (40, 2));
    assert!(browser.says(">user.created<") && browser.says("Newest"));
}

#[tokio::test]
async fn csv_has_all_lines_that_fit_and_no_formulas() {
    let desk = Desk::new().await;
    let token = desk.token(&desk.anna).await;
    desk.world.issuer.disable("=cmd|' /C calc'!A0", &token.id).await.unwrap();
    let mut browser = desk.of("adam").await;
    let request = browser.request("GET", "/desk/audit.csv?user=anna&event=token.disabled");
    let headers = browser.raw(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let lines: Vec<_> = browser.html.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "number,time,event,words,actor,user,serial,detail");
    let (_, rest) = lines[1].split_once(',').unwrap();
    let expected = format!(
        "\"2027-01-15T08:00:00Z\",\"token.disabled\",\"The token was disabled\",\"'=cmd|' /C calc'!A0\",\"anna\",\"{}\",\"\"",
        token.serial
    );
    assert_eq!(rest, expected);
}

#[tokio::test]
async fn every_event_of_the_sources_has_words() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let words = std::fs::read_to_string(folder.join("portal/events.rs")).unwrap();
    let event = regex_lite::Regex::new(
        r#""((?:api_key|code|hardware|key|mail|order|policy|portal|token|user|verification)\.[a-z_]+)""#,
    )
    .unwrap();
    let (mut folders, mut seen) = (vec![folder], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|kind| kind != "rs") {
                continue;
            }
            for found in event.captures_iter(&std::fs::read_to_string(&path).unwrap()) {
                if !found[1].ends_with(".sql") {
                    assert!(
                        words.contains(&format!("(\"{}\"", &found[1])),
                        "{} in {}",
                        &found[1],
                        path.display()
                    );
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 60);
}
