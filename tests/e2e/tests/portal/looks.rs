//! Looking at pages: what axe-core finds, what sticks out, how large they are, and their pictures.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::browser::{Browser, VIEWS};

/// Looks at the page that is open, in every view, and keeps its pictures in `target/screens`.
pub struct Looks {
    axe: String,
    folder: PathBuf,
    found: Vec<String>,
    seen: BTreeSet<String>,
}

impl Looks {
    pub fn new() -> Self {
        let script =
            std::env::var_os("SOFTTOKEN_AXE").expect("SOFTTOKEN_AXE; `cargo xtask test` fetches axe-core");
        let folder = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("screens");
        std::fs::create_dir_all(&folder).unwrap();
        let axe = std::fs::read_to_string(script).unwrap();
        Self { axe, folder, found: Vec::new(), seen: BTreeSet::new() }
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
        self.seen.insert(browser.path().split('?').next().unwrap().to_owned());
    }

    /// Fails when anything was found, or when a page of the router was not looked at.
    #[track_caller]
    pub fn end(self, paths: &[&str]) {
        assert!(self.found.is_empty(), "{} findings:\n{}", self.found.len(), self.found.join("\n"));
        let fits = |path: &str, seen: &str| {
            let (path, seen): (Vec<_>, Vec<_>) = (path.split('/').collect(), seen.split('/').collect());
            path.len() == seen.len()
                && path.iter().zip(&seen).all(|(part, seen)| part.starts_with('{') || part == seen)
        };
        let unseen: Vec<_> =
            paths.iter().filter(|path| !self.seen.iter().any(|seen| fits(path, seen))).collect();
        assert!(unseen.is_empty(), "nobody looked at {unseen:?}");
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
fn signing_in_is_a_page_that_everybody_can_use() {
    let stage = super::stage::Stage::new();
    stage.person("anna", softtoken_issuer::portal::Role::User);
    let browser = super::people::window(&stage);
    let mut looks = Looks::new();
    browser.open("/portal/sign-in");
    looks.at(&browser, "sign-in");
    super::people::sign_in(&browser, "nobody");
    looks.at(&browser, "sign-in-wrong");
    super::people::sign_in(&browser, "anna");
    browser.says("No authenticators yet");
    looks.at(&browser, "authenticators-empty");
    looks.end(&["/portal/sign-in", "/portal/authenticators"]);
    let _: Value = Value::Null;
}
