//! Tokens put into the database of a test, whose codes and unlock codes the test can make.

use softtoken_core::codec::decimal::ResetCode;
use softtoken_core::lock::UnlockCode;
use softtoken_core::otp::ocra::{Inputs, respond};
use softtoken_core::otp::{Algorithm, Digits, OcraSuite, hotp};
use softtoken_core::secret::Key;
use softtoken_issuer::portal::Role;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::tokens::Token;

use crate::world::{Browser, World};

const SEED: &[u8] = b"12345678901234567890";
const RECOVERY: [u8; 32] = [7; 32];
const SUITE: &str = "OCRA-1:HOTP-SHA256-8:QN08";
pub(crate) const ANSWERS: [(&str, &str); 3] =
    [("answer1", "Bello"), ("answer2", "Frau Kern"), ("answer3", "Am Anger 7")];

impl World {
    /// An active soft token of a user.
    pub(crate) async fn active(&self, user: &str) -> Token {
        self.make_active(user, "TOTP", None).await
    }

    /// An active token that answers challenges.
    pub(crate) async fn ocra(&self, user: &str) -> Token {
        self.make_active(user, "OCRA", Some(SUITE)).await
    }

    async fn make_active(&self, user: &str, kind: &'static str, suite: Option<&'static str>) -> Token {
        let token = self.issuer.create_token("test", user).await.unwrap();
        let (id, random, secrets) = (token.id.clone(), &self.issuer.ports.random, &self.issuer.secrets);
        let seed = secrets.seal(Purpose::Seed, id.as_bytes(), SEED, random).unwrap();
        let recovery = secrets.seal(Purpose::Recovery, id.as_bytes(), &RECOVERY, random).unwrap();
        let set = "UPDATE tokens SET state = 'ACTIVE', kind = ?, suite = ?, algorithm = 'SHA1', digits = 8, \
                   period = 30, seed = ?, recovery = ?, activated_at = 1 WHERE id = ?";
        let changed = self.issuer.store.write(move |tx| {
            Box::pin(async move {
                let set = sqlx::query(set).bind(kind).bind(suite).bind(seed).bind(recovery).bind(id);
                set.execute(tx).await?;
                Ok(())
            })
        });
        changed.await.unwrap();
        self.issuer.token(&token.id).await.unwrap()
    }

    /// The code of this moment.
    pub(crate) fn code(&self) -> String {
        use softtoken_issuer::clock::Clock;
        hotp(SEED, self.clock.now().0 / 30, Algorithm::Sha1, Digits::EIGHT).as_str().to_owned()
    }

    /// How often the log has an event.
    pub(crate) async fn logged(&self, event: &str) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM audit WHERE event = ?").bind(event);
        query.fetch_one(self.issuer.store.read()).await.unwrap()
    }

    /// A user with questions, and a browser that is signed in with everything.
    pub(crate) async fn with_questions(&self, name: &str) -> (String, Browser) {
        let user = self.user(name, Role::User).await;
        let mut browser = self.signed_in(name).await;
        browser.set_questions(&ANSWERS).await;
        (user, browser)
    }

    /// A browser that has given the password of a user with a second step.
    pub(crate) async fn half(&self, name: &str) -> Browser {
        let browser = self.signed_in(name).await;
        assert!(browser.path.starts_with("/portal/sign-in/code"), "{}", browser.path);
        browser
    }

    /// A browser that has given password and answers.
    pub(crate) async fn answered(&self, name: &str) -> Browser {
        let mut browser = self.half(name).await;
        browser.send("/portal/sign-in/misplaced", &ANSWERS).await;
        assert_eq!(browser.path, "/portal/unlock", "{}", browser.html);
        browser
    }
}

impl Browser {
    /// The first three questions with these answers.
    pub(crate) async fn set_questions(&mut self, answers: &[(&str, &str); 3]) {
        let mut form = vec![
            ("question1", "question-pet"),
            ("question2", "question-teacher"),
            ("question3", "question-street"),
        ];
        form.extend(answers);
        self.send("/portal/account/questions", &form).await;
    }

    /// The page without what is different in every answer.
    pub(crate) fn bare(&self) -> String {
        let token = crate::world::between(&self.html, "name=\"token\" value=\"", "\"").unwrap();
        self.html.replace(token, "TOKEN")
    }
}

/// A PIN reset code.
pub(crate) fn reset_code(value: u64) -> String {
    ResetCode::from_value(value).unwrap().grouped()
}

/// What the device of the token has armed for this PIN reset code.
pub(crate) fn unlock_code(token: &Token, reset_code: &str) -> String {
    let reset_code = ResetCode::parse(reset_code).unwrap();
    let code = UnlockCode::answer(&Key::new(RECOVERY), &reset_code, "issuer.example", &token.serial);
    code.unwrap().shown().to_string()
}

/// The response to a challenge.
pub(crate) fn response(question: &str) -> String {
    let inputs = Inputs { counter: None, question, pin: None, session: None, time: None };
    respond(&OcraSuite::parse(SUITE).unwrap(), SEED, &inputs).unwrap().as_str().to_owned()
}
