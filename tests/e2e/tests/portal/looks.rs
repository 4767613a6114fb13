//! Looking at pages: what axe-core finds, what sticks out, how large they are, and their pictures.

use std::path::PathBuf;

use softtoken_e2e::seeds::{HOTP_SERIAL, pskc};
use softtoken_issuer::portal::{self, Role};

use super::browser::{Browser, VIEWS};
use super::people::{activated, sign_in, window};
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
    let phone = stage.token("phone");
    drop(activated(&stage, "ben", &phone, "Work"));
    let mut looks = Looks::new();

    let browser = window(&stage);
    for path in ["/portal/sign-in", "/portal/forgotten", "/portal/forgotten/none", "/portal/nowhere"] {
        browser.open(path);
        looks.at(&browser, &path.replace('/', "-")[1..]);
    }
    sign_in(&browser, "nobody");
    looks.at(&browser, "sign-in-wrong");
    sign_in(&browser, "ben");
    looks.at(&browser, "sign-in-code");
    browser.open("/portal/sign-in/misplaced");
    looks.at(&browser, "sign-in-misplaced");
    let browser = window(&stage);
    sign_in(&browser, "anna");
    looks.at(&browser, "authenticators-empty");
    let token = stage.rest.soft_token(&anna).unwrap();
    for (button, name) in [("Show QR code", "activate-qr-code"), ("Show the values", "activate-values")] {
        browser.open(&format!("/portal/authenticators/{token}/activate"));
        browser.press(button);
        looks.at(&browser, name);
    }

    // An administrator with a hardware token sees everything that has an address.
    let browser = window(&stage);
    sign_in(&browser, "adam");
    browser.fill("code", "287082");
    browser.press("Sign in");
    let own = stage.rest.soft_token(&adam).unwrap();
    let (mut paths, mut only_sent) = (Vec::new(), 0);
    for path in portal::paths() {
        let id = match path {
            _ if path.starts_with("/portal/authenticators/{id}") => &own,
            _ if path.starts_with("/desk/tokens/{id}") => &token,
            _ => &anna,
        };
        browser.open(&path.replace("{id}", id));
        if path.contains("{link}") || path.contains("sign-in") || path.ends_with(".csv") {
            continue;
        }
        if browser.text().contains("This page cannot be called in this way.") {
            only_sent += 1;
            continue;
        }
        looks.at(&browser, &path.replace(['{', '}'], "").replace('/', "-")[1..]);
        paths.push(path);
    }
    assert!(only_sent > 5 && paths.len() > 35, "{only_sent} {}", paths.len());
    browser.press("Deutsch");
    for path in ["/portal/authenticators", "/portal/account", "/portal/unlock", "/desk", "/desk/policy"] {
        browser.open(path);
        looks.at(&browser, &format!("{}-de", &path.replace('/', "-")[1..]));
    }
    looks.end();
}
