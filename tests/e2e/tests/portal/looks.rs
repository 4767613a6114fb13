//! Looking at pages: what axe-core finds, what sticks out, how large they are, and their pictures.

use std::path::PathBuf;

use softtoken_e2e::seeds::{HOTP_SERIAL, pskc};
use softtoken_e2e::text;
use softtoken_issuer::portal::{self, Role};

use super::browser::{Browser, VIEWS};
use super::people::{sign_in, waiting_face, window, with_token};
use super::stage::Stage;

/// Looks at the page that is open, in every view, and keeps its pictures in `target/screens`.
pub struct Looks {
    axe: String,
    folder: PathBuf,
    found: Vec<String>,
}

impl Looks {
    pub fn new() -> Self {
        let script =
            std::env::var_os("SOFTTOKEN_AXE").expect("SOFTTOKEN_AXE; `cargo xtask test` fetches axe-core");
        let folder = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("screens");
        std::fs::create_dir_all(&folder).unwrap();
        let axe = std::fs::read_to_string(script).unwrap();
        Self { axe, folder, found: Vec::new() }
    }

    /// Looks at the page that is open and calls it `name`.
    pub fn at(&mut self, browser: &Browser, name: &str) {
        for view in VIEWS {
            browser.view(view);
            let here = format!("{name} ({})", view.name);
            browser.script(&self.axe);
            let report = browser.script_later(AUDIT);
            for violation in report.as_array().unwrap() {
                self.found.push(format!("{here}: {violation}"));
            }
            let wider = browser.script("return document.documentElement.scrollWidth - innerWidth");
            if wider.as_i64() > Some(0) {
                self.found.push(format!("{here}: {wider} pixels wider than the window"));
            }
            let size = browser.script("return document.documentElement.outerHTML.length").as_u64().unwrap();
            if size > MOST {
                self.found.push(format!("{here}: {size} characters"));
            }
            std::fs::write(self.folder.join(format!("{name}-{}.png", view.name)), browser.screen()).unwrap();
        }
        browser.view(VIEWS[0]);
    }

    /// Fails when anything was found.
    #[track_caller]
    pub fn end(self) {
        assert!(self.found.is_empty(), "{} findings:\n{}", self.found.len(), self.found.join("\n"));
    }
}

/// Every rule of axe-core, none switched off; each finding with where it is.
const AUDIT: &str = "
const done = arguments[arguments.length - 1];
axe.run({ resultTypes: ['violations'] }).then(
  report => done(report.violations.map(found => found.id + ': ' + found.help + ': ' + found.nodes.map(node => node.html.slice(0, 160)).join(' | '))),
  error => done(['axe failed: ' + error]));
";

/// Characters of a page, which is under 60 KB then.
const MOST: u64 = 60_000;

#[test]
fn every_page_of_the_router_is_one_that_everybody_can_use() {
    let stage = Stage::new();
    let (adam, anna) = (stage.person("adam", Role::Admin), stage.person("anna", Role::User));
    stage.rest.import(&pskc()).unwrap();
    assert_eq!(stage.rest.assign(&adam, HOTP_SERIAL, Some("755224")).unwrap().0, 204);
    let mut looks = Looks::new();
    let browser = window(&stage);
    for path in ["/portal/sign-in", "/portal/forgotten", "/portal/forgotten/none", "/portal/nowhere"] {
        browser.open(path);
        looks.at(&browser, &path.replace('/', "-")[1..]);
    }
    sign_in(&browser, "nobody");
    looks.at(&browser, "portal-sign-in-wrong");

    // An administrator who has something for every address.
    sign_in(&browser, "adam");
    looks.at(&browser, "portal-sign-in-code");
    browser.open("/portal/sign-in/misplaced");
    looks.at(&browser, "portal-sign-in-misplaced-none");
    sign_in(&browser, "adam");
    browser.fill("code", "287082");
    browser.press("Sign in");
    let (_phone, active) = with_token(&stage, &adam, "phone");
    let (_tablet, disabled) = with_token(&stage, &adam, "tablet");
    browser.open(&format!("/portal/authenticators/{disabled}/disable"));
    browser.press("Disable");
    let (new, ordered) = (stage.rest.soft_token(&adam).unwrap(), stage.rest.soft_token(&adam).unwrap());
    stage.order(&ordered, "CLASSIC");
    let hardware = stage.rest.get(&format!("/api/web/v1/users/{adam}/tokens")).unwrap().1;
    let hardware = hardware.as_array().unwrap().iter().find(|one| one["serialNumber"] == HOTP_SERIAL);
    let hardware = text(hardware.unwrap(), "id").unwrap().to_owned();
    let (_, annas) = with_token(&stage, &anna, "hers");
    let review = waiting_face(&stage, &anna, &browser);
    let mut seen = 0;
    for path in portal::paths() {
        let id = match path {
            "/portal/authenticators/{id}/activate" => &new,
            "/portal/authenticators/{id}/complete" => &ordered,
            "/portal/authenticators/{id}/enable" => &disabled,
            "/portal/authenticators/{id}/return" => &hardware,
            _ if path.starts_with("/portal/authenticators/{id}") => &active,
            _ if path.starts_with("/desk/tokens/{id}") => &annas,
            _ if path.starts_with("/desk/reviews/{id}") => review.rsplit('/').next().unwrap(),
            _ => &anna,
        };
        if path.contains("{link}") || path.contains("sign-in") || path.ends_with(".csv") {
            continue;
        }
        browser.open(&path.replace("{id}", id));
        let text = browser.text();
        if text.contains("This page cannot be called in this way.") || path.ends_with("/picture") {
            continue;
        }
        for refusal in ["That is not possible now.", "This page does not exist.", "You may not do this."] {
            assert!(!text.contains(refusal), "{path}: {text}");
        }
        let name = format!("/front{path}").replace(['{', '}'], "").replace('/', "-");
        looks.at(&browser, name.trim_start_matches("-front-").trim_matches('-'));
        seen += 1;
    }
    assert!(seen > 38, "{seen}");
    browser.press("Deutsch");
    for (path, name) in [
        ("/portal/authenticators", "portal-authenticators"),
        (&*format!("/portal/authenticators/{active}/reset"), "portal-authenticators-reset"),
        ("/portal/account", "portal-account"),
        ("/portal/unlock", "portal-unlock"),
        ("/desk", "desk"),
        (&*format!("/desk/tokens/{annas}"), "desk-tokens-id"),
        (&*review, "desk-reviews-id"),
        ("/desk/audit", "desk-audit"),
        ("/desk/policy", "desk-policy"),
    ] {
        browser.open(path);
        looks.at(&browser, &format!("{name}-de"));
    }
    looks.end();
}
