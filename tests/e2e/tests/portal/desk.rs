//! The help desk's pages in states that the tour of the router does not reach: tokens past new, orders that ended, secrets
//! shown once, and what was typed wrong. Each is looked at in every view.

use serde_json::json;
use softtoken_e2e::seeds::pskc;
use softtoken_e2e::text;
use softtoken_issuer::portal::Role;

use super::browser::Browser;
use super::looks::Looks;
use super::people::{sign_in, window, with_token};
use super::recovery::lock;
use super::stage::{Stage, typed};

#[test]
fn every_state_of_a_token_at_the_desk_is_one_that_everybody_can_use() {
    let stage = Stage::with("", true);
    let mut looks = Looks::new();
    let anna = stage.person("anna", Role::User);
    let (phone, active) = with_token(&stage, &anna, "phone");
    let (_tablet, disabled) = with_token(&stage, &anna, "tablet");
    let [new, open, awaited, void] = [(); 4].map(|()| stage.rest.soft_token(&anna).unwrap());
    stage.person("dora", Role::HelpDesk);
    let desk = window(&stage);
    sign_in(&desk, "dora");
    let at = |token: &str| format!("/desk/tokens/{token}");

    desk.open(&at(&new));
    looks.at(&desk, "desk-token-new");
    desk.open(&at(&open));
    desk.submit("/activate");
    looks.at(&desk, "desk-token-mailed");
    desk.open(&at(&disabled));
    desk.submit("/state");
    looks.at(&desk, "desk-token-disabled");
    let order = stage.order(&awaited, "CLASSIC");
    stage.token("old").add_typed("Work", typed(&order), &[]).unwrap();
    desk.open(&at(&awaited));
    looks.at(&desk, "desk-token-code-awaited");
    desk.fill("registration_code", "1234");
    desk.submit("/complete");
    looks.at(&desk, "desk-token-code-mistyped");
    let order = stage.order(&void, "CLASSIC");
    let document = stage.token("odd").add_typed("Work", typed(&order), &[]).unwrap();
    let right = text(&document["added"][0], "registration_code").unwrap();
    let wrong = if right.starts_with("00000") { "11111-11116" } else { "00000-00000" };
    for _ in 0..3 {
        let _refused = stage.rest.complete(&void, wrong, None).unwrap();
    }
    desk.open(&at(&void));
    looks.at(&desk, "desk-token-void");
    stage.pass(301);
    desk.open(&at(&open));
    looks.at(&desk, "desk-token-expired");

    for _ in 0..12 {
        stage.sign_in("anna", "00000000");
    }
    desk.open(&at(&active));
    looks.at(&desk, "desk-token-locked");
    desk.submit("/reset");
    looks.at(&desk, "desk-token-reset-wrong");
    desk.choose("way", "blank");
    desk.submit("/reset");
    looks.at(&desk, "desk-token-reset");
    let reset_code = lock(&phone);
    desk.open(&format!("{}/unlock", at(&active)));
    sure(&desk);
    desk.fill("reset_code", "123456789");
    desk.fill("reason", "no");
    desk.submit("/unlock");
    looks.at(&desk, "desk-unlock-wrong");
    desk.fill("reset_code", &reset_code);
    desk.fill("reason", "Called from her desk, known by voice");
    desk.submit("/unlock");
    looks.at(&desk, "desk-unlock-code");
    desk.open(&format!("/desk/users/{anna}"));
    looks.at(&desk, "desk-user-tokens");
    desk.press("Deutsch");
    looks.at(&desk, "desk-user-tokens-de");
    looks.end();
}

#[test]
fn every_state_of_the_administration_is_one_that_everybody_can_use() {
    let stage = Stage::new();
    let mut looks = Looks::new();
    stage.person("adam", Role::Admin);
    let desk = window(&stage);
    sign_in(&desk, "adam");
    for (path, name) in [
        ("/desk?q=nobody", "desk-search-none"),
        ("/desk?q=adam", "desk-search-found"),
        ("/desk/hardware", "desk-hardware-empty"),
        ("/desk/reviews", "desk-reviews-empty"),
        ("/desk/audit?actor=nobody", "desk-audit-none"),
        ("/desk/audit?from=never", "desk-audit-wrong"),
    ] {
        desk.open(path);
        looks.at(&desk, name);
    }
    desk.open("/desk/users/add");
    desk.fill("name", "adam");
    desk.submit("/add");
    looks.at(&desk, "desk-user-add-wrong");
    desk.fill("name", "anna");
    desk.fill("email", "anna@example.test");
    desk.submit("/add");
    looks.at(&desk, "desk-user-password");
    desk.open("/desk/keys");
    desk.fill("name", "mail gateway");
    desk.submit("/keys");
    looks.at(&desk, "desk-key-shown");
    desk.open("/desk/keys");
    looks.at(&desk, "desk-keys");
    desk.open("/desk/hardware");
    upload(&desk, "no seeds");
    desk.submit("/hardware");
    looks.at(&desk, "desk-hardware-wrong");
    upload(&desk, &pskc());
    desk.submit("/hardware");
    looks.at(&desk, "desk-hardware-imported");
    desk.open("/desk/hardware");
    looks.at(&desk, "desk-hardware");
    desk.press("HW-0001");
    looks.at(&desk, "desk-token-unassigned");
    desk.open("/desk/policy");
    let field = desk.script("return document.querySelector('main input[inputmode=numeric]').name");
    let field = field.as_str().unwrap().to_owned();
    desk.fill(&field, "999999999");
    desk.submit("/policy");
    looks.at(&desk, "desk-policy-wrong");
    desk.press("Deutsch");
    desk.open("/desk/users");
    looks.at(&desk, "desk-users-de");
    looks.end();
}

/// Gives the password where it is asked for again.
fn sure(desk: &Browser) {
    if desk.path().starts_with("/portal/prove") {
        desk.fill("password", super::stage::PASSWORD);
        desk.press("Continue");
    }
}

/// A file with this text.
fn upload(desk: &Browser, text: &str) {
    desk.script(&format!(
        "const files = new DataTransfer(); files.items.add(new File([{}], 'seeds.pskc')); \
         document.getElementById('file').files = files.files",
        json!(text)
    ));
}
