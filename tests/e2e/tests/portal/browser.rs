//! A headless Chromium behind WebDriver, spoken to as a person would: names of fields, words on buttons.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::Url;

/// One window with a profile of its own.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
    base: String,
    _profile: TempDir,
}

/// What is unusual about a window.
#[derive(Default)]
pub struct Setup {
    /// Scripts of pages do not run.
    pub without_scripts: bool,
    /// More arguments of the browser.
    pub arguments: Vec<String>,
    /// Its HOME, where it finds certificates.
    pub home: Option<PathBuf>,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub name: &'static str,
    width: u32,
    height: u32,
    scale: u32,
    theme: &'static str,
}

/// Every page is looked at in each of them. `zoomed` is a window of 1280 pixels at 200 %.
pub const VIEWS: [View; 4] = [
    View { name: "light", width: 1100, height: 900, scale: 1, theme: "light" },
    View { name: "dark", width: 1100, height: 900, scale: 1, theme: "dark" },
    View { name: "phone", width: 390, height: 844, scale: 1, theme: "light" },
    View { name: "zoomed", width: 640, height: 450, scale: 2, theme: "light" },
];

impl Browser {
    /// A window that finds the paths of `base`.
    pub fn start(base: &str, setup: Setup) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(home) = &setup.home {
            command.env("HOME", home);
        }
        let mut driver = command.spawn().expect("no chromedriver; `cargo xtask test` installs it");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let words = line.strip_prefix("ChromeDriver was started successfully on port ")?;
            words.trim_end_matches('.').parse::<u16>().ok()
        });
        let runtime = Runtime::new().unwrap();
        let capabilities = capabilities(&setup, profile.path().to_str().unwrap());
        let client = runtime
            .block_on(
                ClientBuilder::new(HttpConnector::new())
                    .capabilities(capabilities)
                    .connect(&format!("http://127.0.0.1:{}", port.expect("chromedriver names no port"))),
            )
            .unwrap();
        Self { runtime, client, driver, base: base.to_owned(), _profile: profile }
    }

    /// Opens a path of the issuer, or a whole address.
    pub fn open(&self, to: &str) {
        let to = if to.starts_with('/') { format!("{}{to}", self.base) } else { to.to_owned() };
        self.runtime.block_on(self.client.goto(&to)).unwrap();
    }

    /// Opens an address that must not open; how the browser says why. It depends on what it has read when the
    /// connection ends whether that is the driver's error or a page of the browser's own.
    pub fn cannot_open(&self, to: &str) -> String {
        let opened = self.runtime.block_on(self.client.goto(to));
        opened.err().map_or_else(|| self.text(), |problem| problem.to_string())
    }

    /// Types into the field of this name, after what was there is cleared.
    pub fn fill(&self, name: &str, text: &str) {
        let field = self.runtime.block_on(
            self.client
                .wait()
                .at_most(PATIENCE)
                .for_element(Locator::Css(&format!("[name='{name}']:not([type=hidden])"))),
        );
        let field = field.unwrap_or_else(|problem| panic!("no field {name}: {problem}\n{}", self.text()));
        self.runtime.block_on(async {
            field.clear().await.unwrap();
            field.send_keys(text).await.unwrap();
        });
    }

    /// Chooses the option or radio button of this value.
    pub fn choose(&self, name: &str, value: &str) {
        let path = format!("input[name='{name}'][value='{value}']");
        self.click(Locator::Css(&path), &path);
    }

    /// Chooses an entry of a list.
    pub fn select(&self, name: &str, value: &str) {
        let path = format!("select[name='{name}'] option[value='{value}']");
        self.click(Locator::Css(&path), &path);
    }

    /// Presses a button that does something on the page itself, once it is there to be pressed.
    pub fn tap(&self, words: &str) {
        let path = format!("//main//button[not(@hidden)][starts-with(normalize-space(.), \"{words}\")]");
        let found = || self.runtime.block_on(self.client.find(Locator::XPath(&path)));
        self.until(words, || {
            found().is_ok_and(|button| self.runtime.block_on(button.is_displayed()).is_ok_and(|shown| shown))
        });
        self.click(Locator::XPath(&path), words);
    }

    /// Presses the button or link whose words begin so.
    pub fn press(&self, words: &str) {
        let path = format!(
            "//main//*[self::button or self::a or self::summary][starts-with(normalize-space(.), \"{words}\")] | \
             //header//*[self::button or self::a][starts-with(normalize-space(.), \"{words}\")] | \
             //footer//button[starts-with(normalize-space(.), \"{words}\")]"
        );
        self.next_page(|| self.click(Locator::XPath(&path), words));
    }

    /// Presses the button that sends this value.
    pub fn send(&self, name: &str, value: &str) {
        let path = format!("button[name='{name}'][value='{value}']");
        self.next_page(|| self.click(Locator::Css(&path), &path));
    }

    /// Sends the form that leads there.
    pub fn submit(&self, to: &str) {
        let path = format!("main form[action$='{to}'] button:not([type=button])");
        self.next_page(|| self.click(Locator::Css(&path), &path));
    }

    /// Does what leads to another page, and waits until that is there.
    pub fn next_page(&self, act: impl FnOnce()) {
        let page = self.runtime.block_on(self.client.find(Locator::Css("html"))).unwrap();
        act();
        self.until("another page", || self.runtime.block_on(page.tag_name()).is_err());
        self.until("a whole page", || {
            let ready = self.client.execute("return document.readyState === 'complete'", Vec::new());
            self.runtime.block_on(ready).is_ok_and(|ready| ready == true)
        });
    }

    /// What can be read on the page.
    pub fn text(&self) -> String {
        let body = self.runtime.block_on(self.client.find(Locator::Css("body"))).unwrap();
        self.runtime.block_on(body.text()).unwrap()
    }

    /// Fails unless the page says so.
    #[track_caller]
    pub fn says(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "{words:?} is not on {}:\n{text}", self.path());
    }

    #[track_caller]
    fn until(&self, what: &str, is: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is() {
            assert!(Instant::now() < deadline, "{what} does not come after {}", self.path());
            std::thread::yield_now();
        }
    }

    /// The text of the element with this id.
    pub fn value(&self, css: &str) -> String {
        let found = self.runtime.block_on(self.client.find(Locator::Css(css)));
        let found = found.unwrap_or_else(|_| panic!("no {css} on {}:\n{}", self.path(), self.text()));
        self.runtime.block_on(found.text()).unwrap().trim().to_owned()
    }

    /// The picture of an element as the page shows it, PNG.
    pub fn picture(&self, css: &str) -> Vec<u8> {
        let found = self.runtime.block_on(self.client.find(Locator::Css(css))).unwrap();
        self.runtime.block_on(found.screenshot()).unwrap()
    }

    /// Path and parameters of the page.
    pub fn path(&self) -> String {
        let url = self.runtime.block_on(self.client.current_url()).unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Runs a script in the page.
    pub fn script(&self, script: &str) -> Value {
        self.runtime.block_on(self.client.execute(script, Vec::new())).unwrap()
    }

    /// Waits until this is so on the page.
    pub fn when(&self, is: &str) {
        self.until(is, || self.script(&format!("return Boolean({is})")) == true);
    }

    /// Runs a script that calls back with its result.
    pub fn script_later(&self, script: &str) -> Value {
        self.runtime.block_on(self.client.execute_async(script, Vec::new())).unwrap()
    }

    /// Sends keys to whatever has the focus.
    pub fn keys(&self, keys: &str) {
        let active = self.runtime.block_on(self.client.active_element()).unwrap();
        self.runtime.block_on(active.send_keys(keys)).unwrap();
    }

    /// Looks at the page in another way from now on.
    pub fn view(&self, view: View) {
        let View { width, height, scale, theme, .. } = view;
        let phone = width < 500;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        // Without motion: a colour on its way from one theme to the other is neither.
        let theme = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", theme);
    }

    /// The whole page as PNG.
    pub fn screen(&self) -> Vec<u8> {
        let shot = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true }));
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    fn click(&self, locator: Locator<'_>, what: &str) {
        let found = self.runtime.block_on(self.client.wait().at_most(PATIENCE).for_element(locator));
        let found = found.unwrap_or_else(|_| panic!("no {what:?} on {}:\n{}", self.path(), self.text()));
        self.runtime.block_on(found.click()).unwrap();
    }

    fn devtools(&self, name: &'static str, parameters: Value) -> Value {
        self.runtime.block_on(self.client.issue_cmd(DevTools { name, parameters })).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser; its driver after it.
        let _gone = self.runtime.block_on(self.client.clone().close());
        let _gone = self.driver.kill();
        let _gone = self.driver.wait();
    }
}

/// A command of Chromium's own protocol.
#[derive(Debug)]
struct DevTools {
    name: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.name, "params": self.parameters }).to_string()))
    }
}

fn capabilities(setup: &Setup, profile: &str) -> Capabilities {
    let mut arguments: Vec<String> = ARGUMENTS.iter().map(|&argument| argument.to_owned()).collect();
    arguments.push(format!("--user-data-dir={profile}"));
    arguments.extend(setup.arguments.iter().cloned());
    let mut options = json!({ "args": arguments, "binary": "/usr/bin/chromium" });
    if setup.without_scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    let all = json!({ "browserName": "chrome", "goog:chromeOptions": options });
    all.as_object().unwrap().clone()
}

/// No window, no network but loopback, no profile but ours. Tests run as root in a machine of their own,
/// where Chromium's sandbox does not start.
const ARGUMENTS: [&str; 11] = [
    // High enough for a picture of an element anywhere on a page.
    "--window-size=1280,2400",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
];
const PATIENCE: Duration = Duration::from_secs(20);
