use std::net::TcpListener;

use axum_server::Handle;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::{Exchange, Step, Verify};
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_e2e::browser::{Authority, Browser, Page, Pair, split};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::tokens::TokenState;
use softtoken_issuer::verify;

use crate::devices::{LINK, World, begin, by_link};
use crate::pages::{ask, page};

const CERTIFICATE: OrderRequest = OrderRequest { verifications: Some(1), ..LINK };

/// An issuer whose certificate listener runs, and the organisation's authority.
struct Desk {
    world: World,
    authority: Authority,
    _files: tempfile::TempDir,
}

impl Desk {
    async fn new(holder: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        let authority = Authority::new("Employees").unwrap();
        let server = authority.server("localhost").unwrap();
        let write = |name: &str, text: &str| {
            let path = files.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = listener.local_addr().unwrap();
        let settings = format!(
            "[certificates]\nlisten = '{socket}'\naddress = 'localhost:{}'\ncertificate = '{}'\nkey = '{}'\n\
             client_ca = '{}'\n{holder}",
            socket.port(),
            write("server.pem", &server.certificate),
            write("server.key", &server.key),
            write("ca.pem", &authority.pem()),
        );
        let world = World::with(&settings).await;
        tokio::spawn(verify::serve(world.issuer.clone(), listener, Handle::new()));
        Self { world, authority, _files: files }
    }

    async fn claimed(&self) -> (Exchange, String, String) {
        let mut device = begin(by_link(&self.world.order(CERTIFICATE).await));
        self.world.step(&mut device).await;
        let (url, number) = page(ask(&self.world, &mut device).await);
        (device, url, number)
    }

    /// What a browser with this certificate does, on a thread of its own.
    async fn browse<T: Send + 'static>(
        &self,
        own: Option<Pair>,
        does: impl FnOnce(&Browser) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let trusted = self.authority.pem();
        let work = move || does(&Browser::new(&trusted, own.as_ref())?);
        tokio::task::spawn_blocking(work).await.unwrap()
    }

    async fn open(&self, own: Option<Pair>, url: &str) -> anyhow::Result<Page> {
        let url = url.to_owned();
        self.browse(own, move |browser| browser.open(&url)).await
    }

    async fn prove(&self, own: Option<Pair>, url: &str, decision: &'static str) -> anyhow::Result<Page> {
        let url = url.to_owned();
        self.browse(own, move |browser| browser.prove(&url, decision)).await
    }

    fn person(&self, name: &str) -> Option<Pair> {
        Some(self.authority.person(name, None).unwrap())
    }
}

#[tokio::test]
async fn the_holders_certificate_ends_in_an_active_token() {
    let desk = Desk::new("").await;
    let (mut device, url, number) = desk.claimed().await;
    assert!(url.starts_with("https://localhost:"), "{url}");
    let (status, html) = desk.open(desk.person("alex"), &url).await.unwrap();
    assert_eq!(status, 200);
    for part in [number.as_str(), "telephone", &desk.world.token.serial[5..], "alex"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(page(ask(&desk.world, &mut device).await).0, url, "loading a page decides nothing");
    let (status, html) = desk.prove(desk.person("alex"), &url, "yes").await.unwrap();
    assert!(status == 200 && html.contains("Thank you"), "{html}");
    assert_eq!(desk.prove(desk.person("alex"), &url, "yes").await.unwrap().0, 404, "a ticket is good once");
    assert_eq!(desk.open(desk.person("alex"), &url).await.unwrap().0, 404);
    assert!(matches!(ask(&desk.world, &mut device).await, Step::Send));
    assert!(matches!(desk.world.step(&mut device).await, Step::Active));
    assert_eq!(desk.world.state().await, TokenState::Active);
    assert_eq!(desk.world.logged("verification.passed").await, 1);
}

#[tokio::test]
async fn somebody_elses_certificate_is_refused_and_the_third_one_is_the_end() {
    let desk = Desk::new("").await;
    let (mut device, mut url, _) = desk.claimed().await;
    for turn in 1..=3 {
        let (status, html) = desk.prove(desk.person("sam"), &url, "yes").await.unwrap();
        assert!(status == 200 && html.contains("somebody else"), "{html}");
        let (kind, reason) = (VerificationKind::Certificate, VerificationRefusal::AnotherHolder);
        let step = ask(&desk.world, &mut device).await;
        if turn == 3 {
            assert!(matches!(step, Step::Ended(why) if why == Refused::Verification { kind, reason }));
        } else {
            assert!(matches!(step, Step::Verify(Verify::Refused { reason: found, .. }) if found == reason));
            url = page(ask(&desk.world, &mut device).await).0;
        }
    }
    assert_eq!(desk.world.state().await, TokenState::Activating);
}

#[tokio::test]
async fn a_wrong_certificate_first_and_the_right_one_then_is_fine() {
    let desk = Desk::new("holder = 'mail'").await;
    let (mut device, url, _) = desk.claimed().await;
    assert_eq!(desk.prove(desk.person("alex"), &url, "yes").await.unwrap().0, 200);
    ask(&desk.world, &mut device).await;
    let (url, _) = page(ask(&desk.world, &mut device).await);
    let own = desk.authority.person("A. Lex", Some("Alex@example.com")).unwrap();
    assert_eq!(desk.prove(Some(own), &url, "yes").await.unwrap().0, 200);
    assert!(matches!(ask(&desk.world, &mut device).await, Step::Send));
}

#[tokio::test]
async fn without_a_certificate_a_page_says_so_and_nothing_is_decided() {
    let desk = Desk::new("").await;
    let (mut device, url, number) = desk.claimed().await;
    let (status, html) = desk.open(None, &url).await.unwrap();
    assert!(status == 403 && html.contains("no certificate") && !html.contains(&number), "{html}");
    let (status, again) = desk.prove(None, &url, "yes").await.unwrap();
    assert_eq!((status, again), (403, html.clone()));
    let other = format!("{}/verify/{}", split(&url).unwrap().0, "A".repeat(43));
    assert_eq!(desk.open(None, &other).await.unwrap(), (403, html), "it says nothing of tickets");
    assert_eq!(page(ask(&desk.world, &mut device).await).0, url);
}

#[tokio::test]
async fn the_listener_has_what_its_pages_load_and_nothing_else_of_the_portal() {
    let desk = Desk::new("").await;
    let (_, url, _) = desk.claimed().await;
    let (origin, _) = split(&url).unwrap();
    let (_, html) = desk.open(desk.person("alex"), &url).await.unwrap();
    let loaded: Vec<_> = html.split('"').filter(|part| part.starts_with("/portal/")).collect();
    assert!(loaded.iter().any(|path| path.starts_with("/portal/style.")), "{html}");
    for path in loaded {
        let found = desk.open(desk.person("alex"), &format!("{origin}{path}")).await.unwrap();
        assert!(found.0 == 200 && found.1.len() > 100, "{path}");
    }
    for path in ["/portal", "/portal/sign-in", "/desk", "/a"] {
        assert_eq!(
            desk.open(desk.person("alex"), &format!("{origin}{path}")).await.unwrap().0,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_ends_the_handshake() {
    let desk = Desk::new("holder = 'any'").await;
    let (mut device, url, _) = desk.claimed().await;
    let strangers = Authority::new("Employees").unwrap();
    for own in [strangers.person("alex", None), strangers.server("alex"), desk.authority.server("alex")] {
        let own = own.unwrap();
        let own = || Some(Pair { certificate: own.certificate.clone(), key: own.key.clone() });
        assert!(desk.open(own(), &url).await.is_err());
        assert!(desk.prove(own(), &url, "yes").await.is_err());
    }
    assert_eq!(page(ask(&desk.world, &mut device).await).0, url);
}

#[tokio::test]
async fn a_form_without_ticket_from_elsewhere_or_of_another_kind_decides_nothing() {
    let desk = Desk::new("").await;
    let (mut device, url, _) = desk.claimed().await;
    let (origin, ticket) = split(&url).unwrap();
    let other = format!("{origin}/verify/{}", "A".repeat(43));
    let gone = desk.open(desk.person("alex"), &other).await.unwrap();
    assert_eq!(gone.0, 404);
    let cases: [(Option<&str>, String); 7] = [
        (None, format!("{ticket} yes")),
        (Some("null"), format!("{ticket} yes")),
        (Some("https://issuer.example"), format!("{ticket} yes")),
        (Some(origin), " yes".into()),
        (Some(origin), format!("{} yes", "A".repeat(43))),
        (Some(origin), format!("{ticket} maybe")),
        (Some(origin), format!("{ticket} ")),
    ];
    for (from, fields) in cases {
        let (from, action) = (from.map(str::to_owned), format!("{origin}/verify/certificate"));
        let found = desk.browse(desk.person("alex"), move |browser| {
            let (ticket, decision) = fields.split_once(' ').unwrap();
            browser.send(&action, from.as_deref(), &[("ticket", ticket), ("decision", decision)])
        });
        assert_eq!(found.await.unwrap(), gone);
    }
    // A certificate's ticket at the page of faces.
    let at_faces = format!("https://issuer.example/verify/{ticket}");
    assert_eq!(crate::pages::open(&desk.world.router, &at_faces).await.0, 404);
    assert_eq!(page(ask(&desk.world, &mut device).await).0, url);
    desk.world.clock.pass(601);
    assert_eq!(desk.prove(desk.person("alex"), &url, "yes").await.unwrap(), gone, "expired");
    let (next, _) = page(ask(&desk.world, &mut device).await);
    assert_eq!(desk.prove(desk.person("alex"), &next, "no").await.unwrap().0, 200);
    let (kind, reason) = (VerificationKind::Certificate, VerificationRefusal::ByUser);
    let step = ask(&desk.world, &mut device).await;
    assert!(matches!(step, Step::Ended(why) if why == Refused::Verification { kind, reason }));
}
