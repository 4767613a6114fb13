//! What a control call does at one issuer.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use softtoken_e2e::rest::Answer;
use softtoken_e2e::seeds::{HOTP_SERIAL, OCRA_SERIAL, pskc};
use softtoken_issuer::policy::Range;
use softtoken_issuer::settings::TokenPolicy;
use tokio::runtime::Runtime;

use super::desk::Desk;
use super::proxy::Fault;
use super::{certificates, orders};

/// The arguments of a call.
struct Call<'a>(&'a Map<String, Value>);

impl Call<'_> {
    fn text(&self, name: &str) -> Result<&str> {
        self.maybe(name).with_context(|| format!("{name} is missing"))
    }

    fn maybe(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn yes(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    fn user(&self) -> &str {
        self.maybe("user").unwrap_or("anna")
    }
}

/// Does it.
pub fn act(runtime: &Runtime, desk: &mut Desk, verb: &str, call: &Map<String, Value>) -> Result<Value> {
    let call = Call(call);
    match verb {
        "order" => order(desk, &call),
        "mail" => {
            let to = format!("{}@example.test", call.user());
            let wanted = call.maybe("kind").unwrap_or("activation");
            let mail = desk.mails().iter().rev().find(|mail| mail.to == to && mail.kind.name() == wanted);
            orders::of_mail(mail.with_context(|| format!("no mail to {to} tells of {wanted}"))?)
        }
        "picture" => orders::picture(call.text("text")?),
        "fault" => {
            let name = call.text("what")?;
            desk.network.plan(Fault::named(name).with_context(|| format!("no fault {name}"))?);
            Ok(Value::Null)
        }
        "down" => {
            desk.network.down();
            Ok(Value::Null)
        }
        "up" => desk.network.up().map(|()| Value::Null),
        "policy" => policy(runtime, desk, &call),
        "face" => Ok(json!({ "status": certificates::send_face(call.text("url")?)? })),
        "review" => {
            let approve = call.yes("approve").context("approve is missing")?;
            let waiting = runtime.block_on(desk.issuer.waiting_reviews())?;
            let [review] = waiting.as_slice() else { bail!("{} pictures wait", waiting.len()) };
            runtime.block_on(desk.issuer.decide_review("Ada", &review.id, approve))?;
            Ok(Value::Null)
        }
        "certificate" => {
            let organisation = desk.organisation.as_ref().context("this issuer wants no certificate")?;
            let decision = call.maybe("decision").unwrap_or("yes");
            Ok(json!({ "status": organisation.prove(call.text("url")?, call.user(), decision)? }))
        }
        _ => with_rest(desk, verb, &call),
    }
}

fn with_rest(desk: &mut Desk, verb: &str, call: &Call) -> Result<Value> {
    if verb == "hardware" {
        return hardware(desk, call);
    }
    if verb == "verify" {
        return verdict(desk.rest.sign_in(call.user(), call.text("code")?)?);
    }
    if verb == "challenge" {
        let asked = desk.rest.challenge(call.user())?;
        return Ok(json!({ "id": asked["challengeId"], "challenge": asked["challenge"] }));
    }
    if verb == "respond" {
        let challenge = json!({ "challengeId": call.text("id")? });
        return verdict(desk.rest.respond(call.user(), &challenge, call.text("response")?)?);
    }
    let id = desk.tokens.get(call.user()).with_context(|| format!("{} has no token", call.user()))?.clone();
    let path = format!("/api/web/v1/tokens/{id}");
    match verb {
        "state" => Ok(json!({ "state": desk.rest.state(&id)? })),
        "complete" => {
            flat(desk.rest.complete(&id, call.text("registration_code")?, call.maybe("response"))?)
        }
        "unlock" => {
            let body = json!({ "unlockChallenge": call.text("reset_code")? });
            let (status, answer) = desk.rest.put(&format!("{path}/unlock"), &body)?;
            Ok(json!({
                "status": status,
                "error": answer["errorMessage"],
                "unlock_code": answer["unlockCode"],
                "former_unlock_code": answer["formerUnlockCode"],
            }))
        }
        "resync" => {
            let mut body = Map::new();
            for (name, theirs) in [("code", "response"), ("next", "nextResponse"), ("id", "challengeId")] {
                if let Some(value) = call.maybe(name) {
                    body.insert(theirs.into(), value.into());
                }
            }
            flat(desk.rest.put(&format!("{path}/reset"), &Value::Object(body))?)
        }
        "rekey" => flat(desk.rest.rekey(&id)?),
        "disable" => flat(desk.rest.put(&format!("{path}/changestate"), &json!({ "state": "INACTIVE" }))?),
        "enable" => flat(desk.rest.put(&format!("{path}/changestate"), &json!({ "state": "ACTIVE" }))?),
        "delete" => {
            let answer = flat(desk.rest.delete(&path)?)?;
            desk.tokens.remove(call.user());
            Ok(answer)
        }
        _ => bail!("the stand does not know {verb}"),
    }
}

fn order(desk: &mut Desk, call: &Call) -> Result<Value> {
    let id = desk.token(call.user(), call.yes("fresh").unwrap_or(false))?;
    let mut wishes = Map::new();
    for (name, theirs) in
        [("type", "type"), ("mail", "deliverActivationEmail"), ("confirm", "confirmInPortal")]
    {
        if let Some(value) = call.0.get(name) {
            wishes.insert(theirs.into(), value.clone());
        }
    }
    orders::of_answer(&desk.rest.order(&id, &Value::Object(wishes))?)
}

fn policy(runtime: &Runtime, desk: &Desk, call: &Call) -> Result<Value> {
    let wanted = call.0.get("set").and_then(Value::as_object).context("set is missing")?;
    let known = |name: &str| TokenPolicy::SETTINGS.iter().find(|(known, _): &&(&str, Range)| *known == name);
    let changes: Result<Vec<_>> = wanted
        .iter()
        .map(|(name, value)| {
            let (name, _) = known(name).with_context(|| format!("no rule {name}"))?;
            Ok((*name, Some(value.clone())))
        })
        .collect();
    runtime.block_on(desk.issuer.set_policy("Ada", changes?))?;
    Ok(Value::Null)
}

/// Gives a user the hardware tokens of `tests/e2e`'s seed file; what is in it makes the same identities in an app.
fn hardware(desk: &mut Desk, call: &Call) -> Result<Value> {
    desk.token(call.user(), false)?;
    desk.rest.import(&pskc())?;
    let serial = match call.text("kind")? {
        "hotp" => HOTP_SERIAL,
        "ocra" => OCRA_SERIAL,
        other => bail!("no hardware of kind {other}"),
    };
    let user = &desk.users[call.user()];
    let (status, answer) = desk.rest.assign(user, serial, None)?;
    let own = desk.rest.get(&format!("/api/web/v1/users/{user}/tokens"))?.1;
    let token = own.as_array().and_then(|all| all.iter().find(|one| one["serialNumber"] == serial));
    if let Some(id) = token.and_then(|token| token["id"].as_str()) {
        desk.tokens.insert(call.user().to_owned(), id.to_owned());
    }
    Ok(json!({ "status": status, "error": answer["errorMessage"], "file": pskc() }))
}

/// Whether a code opens the door, and why not.
fn verdict((status, answer): Answer) -> Result<Value> {
    Ok(json!({ "accepted": status == 200, "error": answer["errorMessage"] }))
}

/// Status, and what the answer holds under its own names; `error` instead of `errorMessage`.
fn flat((status, answer): Answer) -> Result<Value> {
    let mut fields = answer.as_object().cloned().unwrap_or_default();
    let error = fields.remove("errorMessage").unwrap_or(Value::Null);
    fields.insert("status".into(), status.into());
    fields.insert("error".into(), error);
    Ok(Value::Object(fields))
}
