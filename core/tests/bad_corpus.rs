//! The corpus of bad inputs, `tests/bad/**`: every file has one fault, and the refusal must name it exactly.
//!
//! ```text
//! expect: NotUnderstood Secret BadCharacter 8     kind, and what it holds; the position is counted from 0
//! via: typed-key                                  the door, one of [`DOORS`]
//! entry: 2                                        only this entry of several is refused
//! field: digits=8                                 a value beside the input, for doors that take several
//! password: 12345678                              for doors that ask for one
//! encoding: base64                                the input is written in Base64: bytes, or blanks that count
//! why: a digit that Base32 does not have
//!                                                 the blank line that ends the header
//! JBSWY3DP8                                       the input, without the line end of its last line
//! ```
//! A new door is one function and one line of [`DOORS`].

mod doors_support;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doors_support::{describe, refused_entries};
use softtoken_core::activation::entrust_v1::sealed::SealedQr;
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::offline::OfflineInput;
use softtoken_core::activation::request::{Offers, Refusal};
use softtoken_core::activation::state::TypedFields;
use softtoken_core::activation::typed::{TypedKeyOptions, mobilepass_code, typed_key};
use softtoken_core::activation::{list, migration, otpauth, registration_code};
use softtoken_core::transfer::pskc::PskcFile;

/// What a door makes of an input: the refusal in the words of `expect:`, with `entry N: ` before it
/// when the rest was accepted, or `accepted`.
type Door = fn(&Case) -> String;

const DOORS: &[(&str, Door)] = &[
    ("link", |case| one(v2_link(case))),
    ("list", |case| offers(list::parse_bytes(&case.input))),
    ("manual", manual),
    ("migration", |case| offers(migration::parse(case.text()))),
    ("mobilepass", |case| one(mobilepass_code(case.text(), case.field("policy").unwrap_or("")))),
    ("otpauth", |case| one(otpauth::parse(case.text()))),
    ("pskc", |case| offers(PskcFile::parse(case.text()).and_then(|file| file.open(case.password())))),
    ("registration-code", |case| one(registration_code::read(case.text()).map_err(Refusal::from))),
    ("sealed", |case| {
        one(SealedQr::parse(case.text()).and_then(|sealed| sealed.open(case.password().unwrap_or_default())))
    }),
    ("typed-key", typed),
];

/// With a password: the link is read and then activated without network.
fn v2_link(case: &Case) -> Result<(), Refusal> {
    let payload = LinkPayload::parse(case.text())?;
    case.password().map_or(Ok(()), |password| OfflineInput::from_link(&payload, password).map(|_| ()))
}

fn manual(case: &Case) -> String {
    let field = |name| case.field(name).unwrap_or("").to_owned();
    let fields = TypedFields {
        address: field("address"),
        serial_number: field("serial-number"),
        activation_code: field("activation-code").into(),
    };
    let problems = fields.check().err().unwrap_or_default().into_iter().map(Refusal::from);
    let lines: Vec<_> = problems.map(|refusal| describe(&refusal)).collect();
    if lines.is_empty() { "accepted".into() } else { lines.join(", ") }
}

fn typed(case: &Case) -> String {
    let options = TypedKeyOptions {
        digits: case.field("digits").map(|text| text.parse().unwrap()),
        period: case.field("period").map(|text| text.parse().unwrap()),
        algorithm: case.field("algorithm"),
        counter: case.field("counter").map(|text| text.parse().unwrap()),
    };
    let name = |field| case.field(field).unwrap_or("").replace("\\t", "\t");
    one(typed_key(case.text(), &name("issuer"), &name("account"), options))
}

fn one<T>(result: Result<T, Refusal>) -> String {
    result.err().map_or("accepted".into(), |refusal| describe(&refusal))
}

fn offers(result: Result<Offers, Refusal>) -> String {
    match result {
        Err(refusal) => describe(&refusal),
        Ok(offers) if offers.refused.is_empty() => "accepted".into(),
        Ok(offers) => refused_entries(&offers)
            .iter()
            .map(|refused| format!("entry {refused}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// One file of the corpus.
#[derive(Default)]
pub struct Case {
    expect: String,
    via: String,
    entry: Option<String>,
    /// The password, for doors that ask for one.
    pub password: Option<String>,
    fields: BTreeMap<String, String>,
    /// The input as bytes.
    pub input: Vec<u8>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let file = std::fs::read(path).unwrap();
        let end = file.windows(2).position(|two| two == b"\n\n").expect("a blank line ends the header");
        let (header, body) = file.split_at(end);
        let body = &body[2..];
        let mut case = Self { input: body.strip_suffix(b"\n").unwrap_or(body).to_vec(), ..Self::default() };
        for line in std::str::from_utf8(header).unwrap().lines() {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("header line {line:?}"));
            match name {
                "expect" => case.expect = value.into(),
                "via" => case.via = value.into(),
                "entry" => case.entry = Some(value.into()),
                "password" => case.password = Some(value.into()),
                "field" => {
                    let (name, value) = value.split_once('=').expect("field: NAME=VALUE");
                    case.fields.insert(name.into(), value.into());
                }
                "encoding" => case.input = STANDARD.decode(&case.input).unwrap(),
                "why" => {}
                _ => panic!("unknown header {name:?}"),
            }
        }
        case
    }

    /// The input as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.input).expect("this door takes text")
    }

    /// The password as a door takes it.
    pub fn password(&self) -> Option<&[u8]> {
        self.password.as_deref().map(str::as_bytes)
    }

    /// The value of `field: name=…`.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    fn expected(&self) -> String {
        match &self.entry {
            Some(entry) => format!("entry {entry}: {}", self.expect),
            None => self.expect.clone(),
        }
    }
}

#[test]
fn every_bad_input_is_refused_for_the_reason_it_was_written_for() {
    let doors: HashMap<_, _> = DOORS.iter().copied().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bad");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let mut seen = HashMap::new();
    let mut count = BTreeMap::<String, usize>::new();
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let case = Case::read(path);
        let door = doors.get(case.via.as_str()).unwrap_or_else(|| panic!("{name}: no door {:?}", case.via));
        let found = door(&case);
        if found != case.expected() {
            wrong.push(format!("{name}: expected {}, found {found}", case.expected()));
        }
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        *count.entry(folder.into()).or_default() += 1;
        let same = seen.insert((case.via, case.fields, case.password, case.input), name.clone());
        assert_eq!(same, None, "{name} is the same input");
    }
    for (folder, files) in &count {
        eprintln!("bad inputs: {folder} {files} files");
    }
    assert!(files.len() >= 80, "the corpus is not where it was");
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
