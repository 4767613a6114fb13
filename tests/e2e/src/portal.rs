//! A visitor of the portal without a browser: keeps the cookie, opens pages, fills in their forms.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ureq::Agent;
use ureq::http::Response;
use ureq::http::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};

/// A visitor, and the page that is open.
pub struct Visitor {
    agent: Agent,
    base: String,
    cookie: String,
    page: String,
}

impl Visitor {
    /// Of the portal at `base` (`http://…`).
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            base: base.to_owned(),
            cookie: String::new(),
            page: String::new(),
        }
    }

    /// Opens a page, follows where it leads, and returns it; a refusal is an error.
    pub fn open(&mut self, path: &str) -> Result<&str> {
        let mut path = path.to_owned();
        for _ in 0..MOST_STEPS {
            let asked = self.agent.get(format!("{}{path}", self.base)).header(COOKIE, &self.cookie).call();
            match self.take(asked.with_context(|| format!("no answer to {path}"))?)? {
                Some(next) => path = next,
                None => return Ok(&self.page),
            }
        }
        anyhow::bail!("{path} leads round in circles")
    }

    /// Sends the form of the page that is open, and opens what it leads to.
    pub fn send(&mut self, to: &str, fields: &[(&str, &str)]) -> Result<&str> {
        let token = self.page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let token = token.context("no form is open")?.to_owned();
        let form = [&[("token", token.as_str())], fields].concat();
        let request = self.agent.post(format!("{}{to}", self.base)).header(COOKIE, &self.cookie);
        let sent = request.header(ORIGIN, &self.base).send_form(form);
        match self.take(sent.with_context(|| format!("no answer to {to}"))?)? {
            Some(next) => self.open(&next),
            None => Ok(&self.page),
        }
    }

    /// Signs in a user who has no token yet.
    pub fn sign_in(&mut self, name: &str, password: &str) -> Result<&str> {
        self.open("/portal/sign-in")?;
        self.send("/portal/sign-in", &[("name", name), ("password", password)])
    }

    /// What it sends as `Cookie`.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Keeps cookie and page; where it leads to, if it does.
    fn take(&mut self, mut answer: Response<ureq::Body>) -> Result<Option<String>> {
        if let Some(cookie) = answer.headers().get(SET_COOKIE) {
            self.cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        }
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).context("a redirection to nowhere")?;
            return Ok(Some(to.to_str()?.to_owned()));
        }
        let status = answer.status();
        self.page = answer.body_mut().read_to_string()?;
        ensure!(status.is_success(), "the portal answers {status}");
        Ok(None)
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
const MOST_STEPS: usize = 5;
