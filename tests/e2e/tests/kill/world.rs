//! One issuer with many users, and what must be true on both sides.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::json;
use softtoken_core::random::Random;
use softtoken_e2e::process::Issuer;
use softtoken_e2e::rest::{Rest, well};
use softtoken_e2e::token::{Ended, Token};
use softtoken_e2e::{program, text};

/// How far an activation was when somebody died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The issuer has claimed nothing.
    BeforeMessage1,
    /// Claimed, and not active.
    Between,
    /// Active at the issuer, pending on the device.
    AfterMessage3,
    /// Active on both sides.
    Done,
}

/// An issuer, a folder for devices, and how long an activation takes that nobody disturbs.
pub struct World {
    pub issuer: Issuer,
    undisturbed: Duration,
    folder: PathBuf,
    orders: u64,
    vaults: u64,
}

/// One user with one token and one order.
pub struct Order {
    pub user: String,
    user_id: String,
    pub token: String,
    pub link: String,
    /// Of the identity.
    pub name: String,
    /// That there must have been by the end.
    pub activations: usize,
}

impl World {
    pub fn start(folder: &Path) -> Self {
        // Nobody's order expires because the machine is slow.
        let more = "[policy]\nactivationLifetime = 3600\n";
        let issuer =
            Issuer::start(&program("softtoken-issuer").unwrap(), &folder.join("issuer"), more).unwrap();
        let folder = folder.to_owned();
        let mut world = Self { issuer, undisturbed: Duration::ZERO, folder, orders: 0, vaults: 0 };
        let (phone, mut times) = (world.phone(), Vec::new());
        for _ in 0..3 {
            let order = world.order();
            let begun = Instant::now();
            let ended = ended(add(&phone, &order));
            times.push(begun.elapsed());
            assert_active(&ended, &order);
        }
        times.sort();
        world.undisturbed = times[1];
        eprintln!("undisturbed: {:?}", world.undisturbed);
        world
    }

    /// A device with a new vault.
    pub fn phone(&mut self) -> Token {
        self.vaults += 1;
        let folder = self.folder.join(format!("phone-{}", self.vaults));
        Token::open(&program("softtoken").unwrap(), &folder).unwrap()
    }

    /// A new user with an order for a new token.
    pub fn order(&mut self) -> Order {
        self.orders += 1;
        let (rest, user) = (self.issuer.rest(), format!("user{}", self.orders));
        let user_id = rest.user(&user).unwrap();
        let token = rest.soft_token(&user_id).unwrap();
        let order = rest.order(&token, &json!({ "type": "ONLINE" })).unwrap();
        let link = text(&order, "activationOnlineHttpURL").unwrap().to_owned();
        Order { name: format!("Work of {user}"), user, user_id, token, link, activations: 1 }
    }

    /// Another order for the same token.
    pub fn order_again(&self, order: &mut Order) {
        let made = self.issuer.rest().order(&order.token, &json!({ "type": "ONLINE" })).unwrap();
        order.link = text(&made, "activationOnlineHttpURL").unwrap().to_owned();
        order.activations += 1;
    }

    /// How often an order's token was activated, by the issuer's log.
    pub fn activations(&self, order: &Order) -> usize {
        self.events(order).iter().filter(|event| *event == "token.activated").count()
    }

    /// How long an activation takes that nobody disturbs.
    pub fn undisturbed(&self) -> Duration {
        self.undisturbed
    }

    /// Waits for a moment of an activation: any, or, mostly, one after the issuer has claimed the order.
    pub fn wait(&self, order: &Order, random: &Random) {
        let whole = u64::try_from(self.undisturbed.as_micros()).unwrap();
        let claimed = self.logged_moment(order) != Moment::BeforeMessage1;
        if claimed || random.below(3).unwrap() == 0 {
            // What goes on has less to do.
            let whole = if claimed { whole / 2 } else { whole };
            return std::thread::sleep(Duration::from_micros(random.below(whole).unwrap()));
        }
        let begun = Instant::now();
        while self.logged_moment(order) == Moment::BeforeMessage1 && begun.elapsed() < 3 * self.undisturbed {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(random.below(whole / 4).unwrap()));
    }

    /// Whoever comes too late has waited too long, and the machine may be less busy now, or busier.
    pub fn learn(&mut self, too_late: bool) {
        let learned = if too_late { self.undisturbed * 3 / 4 } else { self.undisturbed * 33 / 32 };
        self.undisturbed = learned.max(LEAST);
    }

    /// How far an order is, seen from both sides; `device` is the identity's state on the device.
    pub fn moment_of(&self, order: &Order, device: Option<&str>) -> Moment {
        let rest = self.issuer.rest();
        let (mut state, mut events) = (rest.state(&order.token).unwrap(), self.events(order));
        // A request of the dead may be worked on still.
        while state != rest.state(&order.token).unwrap() {
            (state, events) = (rest.state(&order.token).unwrap(), self.events(order));
        }
        let had = |event: &str| events.iter().filter(|had| *had == event).count();
        assert_eq!(state, if had("token.activated") > 0 { "ACTIVE" } else { "ACTIVATING" });
        assert!(had("token.activated") <= 1, "activated twice: {events:?}");
        match (had("order.claimed"), state.as_str(), device) {
            (0, "ACTIVATING", None | Some("pending")) => Moment::BeforeMessage1,
            (1.., "ACTIVATING", Some("pending")) => Moment::Between,
            (1.., "ACTIVE", Some("pending")) => Moment::AfterMessage3,
            (1.., "ACTIVE", Some("active")) => Moment::Done,
            (claims, state, device) => {
                panic!("{claims} claims, {state} at the issuer, {device:?} on the device")
            }
        }
    }

    /// How far an order was whose device is at work, by the issuer's log.
    pub fn logged_moment(&self, order: &Order) -> Moment {
        let events = self.events(order);
        let had = |event: &str| events.iter().any(|had| had == event);
        match (had("order.claimed"), had("token.activated")) {
            (false, _) => Moment::BeforeMessage1,
            (true, false) => Moment::Between,
            (true, true) => Moment::AfterMessage3,
        }
    }

    /// The order is done: one token, active on both sides, and no other device gets it.
    pub fn check_done(&self, order: &Order, stranger: Option<&Token>) {
        let rest = self.issuer.rest();
        assert_eq!(self.moment_of(order, Some("active")), Moment::Done);
        let tokens = well(rest.get(&format!("/api/web/v1/users/{}/tokens", order.user_id)).unwrap()).unwrap();
        assert_eq!(tokens.as_array().map(Vec::len), Some(1), "{tokens}");
        if let Some(stranger) = stranger {
            let ended = ended(add(stranger, order));
            assert_eq!(
                (ended.code, &ended.json["error"]["kind"]),
                (5, &json!("AlreadyUsed")),
                "{}",
                ended.json
            );
            assert_eq!(listed(stranger), []);
        }
    }

    /// The device has all these identities, active, and no other; their codes.
    pub fn codes(&self, phone: &Token, orders: &[Order]) -> Vec<String> {
        let expected: Vec<_> = orders.iter().map(|order| (order.name.clone(), "active".to_owned())).collect();
        assert_eq!(listed(phone), expected);
        let sheet = phone.run(["codes"]).unwrap();
        let codes: Vec<_> = sheet["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| text(row, "code").unwrap().to_owned())
            .collect();
        assert_eq!(codes.len(), orders.len());
        codes
    }

    /// What the issuer's log says about an order's token.
    pub fn events(&self, order: &Order) -> Vec<String> {
        let path = format!("/api/web/v1/reports/auditevents?tokenId={}", order.token);
        let page = well(self.issuer.rest().get(&path).unwrap()).unwrap();
        let lines = page["results"].as_array().unwrap();
        lines.iter().map(|line| text(line, "event").unwrap().to_owned()).collect()
    }
}

/// Starts the activation of an order.
pub fn add(phone: &Token, order: &Order) -> Child {
    phone.spawn(["add", &order.link, "--yes", "--name", &order.name]).unwrap()
}

/// Goes on with what was begun, by one of the two ways; the name is the one that was given first.
pub fn go_on(phone: &Token, order: &Order, random: &Random) -> Child {
    match random.below(2).unwrap() {
        0 => phone.spawn(["resume", &order.name]).unwrap(),
        _ => phone.spawn(["add", &order.link, "--yes"]).unwrap(),
    }
}

/// How a command ended that nobody has killed.
pub fn ended(child: Child) -> Ended {
    Token::ended(&child.wait_with_output().unwrap()).unwrap()
}

/// The command has ended well: it names the identity, which is active.
pub fn assert_active(ended: &Ended, order: &Order) {
    assert_eq!(ended.code, 0, "{}: {}", order.name, ended.json);
    let identity = ended.json.get("identity").unwrap_or_else(|| &ended.json["added"][0]);
    assert_eq!(
        (&identity["name"], &identity["state"]),
        (&json!(order.name), &json!("active")),
        "{}",
        ended.json
    );
}

/// The state of an identity on a device, if it is there; those before it are all active.
pub fn state(phone: &Token, before: &[Order], order: &Order) -> Option<String> {
    let mut listed = listed(phone);
    let last = if listed.len() > before.len() { listed.pop() } else { None };
    assert!(
        listed.iter().zip(before).all(|(row, order)| row.0 == order.name && row.1 == "active"),
        "{listed:?}"
    );
    assert_eq!(listed.len(), before.len());
    last.map(|(name, state)| {
        assert_eq!(name, order.name);
        state
    })
}

/// Names and states of all identities, in their order.
pub fn listed(phone: &Token) -> Vec<(String, String)> {
    let list = phone.run(["list"]).unwrap();
    let field = |identity: &serde_json::Value, field: &str| text(identity, field).unwrap().to_owned();
    let identities = list["identities"].as_array().unwrap();
    identities.iter().map(|identity| (field(identity, "name"), field(identity, "state"))).collect()
}

/// A code opens the door, and does not open it again.
pub fn sign_in_once(rest: &Rest, order: &Order, code: &str) {
    let (status, answer) = rest.sign_in(&order.user, code).unwrap();
    assert_eq!(status, 200, "{}: {answer}", order.user);
    let (status, answer) = rest.sign_in(&order.user, code).unwrap();
    assert_ne!(status, 200, "the same code a second time: {answer}");
}

/// No activation is done sooner.
const LEAST: Duration = Duration::from_millis(20);
