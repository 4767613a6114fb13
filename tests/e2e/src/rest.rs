//! The issuer's interface for programs, as a portal or a help desk uses it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use ureq::Agent;

use crate::text;

/// An API key and where to use it.
#[derive(Clone)]
pub struct Rest {
    agent: Agent,
    base: String,
    key: String,
}

/// An answer: status and document (null when there is none).
pub type Answer = (u16, Value);

impl Rest {
    /// The interface of the issuer at `base` (`http://…`).
    pub fn new(base: &str, key: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        Self { agent: config.build().into(), base: base.to_owned(), key: key.to_owned() }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.sent(path, self.agent.get(self.url(path)).header("Authorization", &self.key).call())
    }

    /// POST of a document.
    pub fn post(&self, path: &str, document: &Value) -> Result<Answer> {
        let request = self.agent.post(self.url(path)).header("Authorization", &self.key);
        self.sent(path, request.send_json(document))
    }

    /// PUT of a document.
    pub fn put(&self, path: &str, document: &Value) -> Result<Answer> {
        let request = self.agent.put(self.url(path)).header("Authorization", &self.key);
        self.sent(path, request.send_json(document))
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Result<Answer> {
        self.sent(path, self.agent.delete(self.url(path)).header("Authorization", &self.key).call())
    }

    /// A new user with a mail address; the id.
    pub fn user(&self, name: &str) -> Result<String> {
        let user = json!({ "userId": name, "email": format!("{name}@example.test") });
        Ok(text(&well(self.post("/api/web/v1/users", &user)?)?, "id")?.to_owned())
    }

    /// A new soft token of a user; the id.
    pub fn soft_token(&self, user: &str) -> Result<String> {
        let path = format!("/api/web/v1/users/{user}/tokens/SOFT_TOKEN");
        Ok(text(&well(self.post(&path, &json!({}))?)?, "id")?.to_owned())
    }

    /// A new order.
    pub fn order(&self, token: &str, wishes: &Value) -> Result<Value> {
        well(self.post(&format!("/api/web/v1/tokens/{token}/activation"), wishes)?)
    }

    /// Completes an order with what the app shows.
    pub fn complete(&self, token: &str, registration_code: &str, response: Option<&str>) -> Result<Answer> {
        let mut document = json!({ "registrationCode": registration_code });
        if let Some(response) = response {
            document["response"] = response.into();
        }
        self.put(&format!("/api/web/v1/tokens/{token}/activation"), &document)
    }

    /// Wishes that a token's app replaces its seed.
    pub fn rekey(&self, token: &str) -> Result<Answer> {
        self.post(&format!("/api/web/v1/tokens/{token}/rekey"), &json!({}))
    }

    /// The unlock code for a PIN reset code.
    pub fn unlock(&self, token: &str, reset_code: &str) -> Result<String> {
        let document = json!({ "unlockChallenge": reset_code });
        let answer = well(self.put(&format!("/api/web/v1/tokens/{token}/unlock"), &document)?)?;
        Ok(text(&answer, "unlockCode")?.to_owned())
    }

    /// A user signs in with a code.
    pub fn sign_in(&self, user: &str, code: &str) -> Result<Answer> {
        let document = json!({ "userId": user, "response": code });
        self.post(&format!("{AUTHENTICATE}/TOKEN/complete"), &document)
    }

    /// The question that a user's token has to answer.
    pub fn challenge(&self, user: &str) -> Result<Value> {
        well(self.post(&format!("{AUTHENTICATE}/TOKENCR"), &json!({ "userId": user }))?)
    }

    /// A user signs in with the response to a question.
    pub fn respond(&self, user: &str, challenge: &Value, response: &str) -> Result<Answer> {
        let id = text(challenge, "challengeId")?;
        let document = json!({ "userId": user, "response": response, "challengeId": id });
        self.post(&format!("{AUTHENTICATE}/TOKENCR/complete"), &document)
    }

    /// Takes a file of hardware tokens in; their serial numbers.
    pub fn import(&self, pskc: &str) -> Result<Value> {
        Ok(well(self.post("/api/web/v1/tokens/pskc", &json!({ "file": pskc }))?)?["serialNumbers"].clone())
    }

    /// Gives a user (an id) a hardware token, proven by a code or, without one, by the administrator.
    pub fn assign(&self, user: &str, serial: &str, code: Option<&str>) -> Result<Answer> {
        let mut document = json!({ "serialNumber": serial });
        if let Some(code) = code {
            document["response"] = code.into();
        }
        self.put(&format!("/api/web/v1/users/{user}/tokens/assign"), &document)
    }

    /// The state of a token.
    pub fn state(&self, token: &str) -> Result<String> {
        let token = well(self.get(&format!("/api/web/v1/tokens/{token}"))?)?;
        Ok(text(&token, "state")?.to_owned())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn sent(
        &self,
        path: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer> {
        let mut answer = answer.with_context(|| format!("no answer to {path}"))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().read_to_string()?;
        let document = if body.is_empty() { Value::Null } else { serde_json::from_str(&body)? };
        Ok((status, document))
    }
}

/// The document of an answer that must be a success.
pub fn well((status, document): Answer) -> Result<Value> {
    ensure!((200..300).contains(&status), "the issuer answers {status}: {document}");
    Ok(document)
}

const AUTHENTICATE: &str = "/api/v1/authentication/users/authenticate";
const PATIENCE: Duration = Duration::from_secs(60);
