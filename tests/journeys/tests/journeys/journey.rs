//! A journey's file: what may be in it, and how it is played.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::compare::{Variables, difference, filled, part};
use super::device::{Device, Trouble};
use super::language::{INPUTS, check_verb, only, variables_in, verb_of};
use super::network::Stand;
use super::{verbs, views};

/// One file.
pub struct Journey {
    pub sentence: String,
    pub rows: Vec<String>,
    pub properties: Vec<String>,
    pub live: bool,
    clock: u64,
    issuers: Value,
    pub steps: Vec<Map<String, Value>>,
}

/// One journey being played.
struct Stage<'a> {
    stand: &'a Stand,
    devices: BTreeMap<String, Device>,
    variables: Variables,
    clock: u64,
    live: bool,
}

impl Journey {
    /// All files, by their names.
    pub fn all() -> Vec<(String, Self)> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut all: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
                let journey = Self::read(&value).unwrap_or_else(|error| panic!("{name}: {error}"));
                (name, journey)
            })
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn read(file: &Map<String, Value>) -> Result<Self, String> {
        only(file, &["journey", "rows", "properties", "live", "clock", "issuers", "steps"], "the file")?;
        let words = |name: &str| -> Vec<String> {
            let items = file.get(name).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let steps = file.get("steps").and_then(Value::as_array).ok_or("no steps")?;
        let steps: Option<Vec<_>> = steps.iter().map(|step| step.as_object().cloned()).collect();
        let live = file.get("live").and_then(Value::as_bool).ok_or("no live")?;
        let issuers = file.get("issuers").cloned().unwrap_or_else(|| json!({"main": {}}));
        let journey = Self {
            sentence: file.get("journey").and_then(Value::as_str).ok_or("no sentence")?.to_owned(),
            rows: words("rows"),
            properties: words("properties"),
            live,
            clock: file.get("clock").and_then(Value::as_u64).ok_or("no clock")?,
            issuers,
            steps: steps.ok_or("a step is an object")?,
        };
        journey.check()?;
        Ok(journey)
    }

    /// Unknown keys, verbs and arguments, and variables that nobody uses, are mistakes.
    fn check(&self) -> Result<(), String> {
        let (mut taken, mut used) = (BTreeSet::new(), BTreeSet::new());
        for (number, step) in self.steps.iter().enumerate() {
            let place = format!("step {}", number + 1);
            let (verb, arguments) = verb_of(step).map_err(|error| format!("{place}: {error}"))?;
            if (verb == "issuer") && !self.live {
                return Err(format!("{place}: no issuer without live"));
            }
            check_verb(verb, arguments).map_err(|error| format!("{place}: {error}"))?;
            variables_in(&Value::Object(step.clone()), &mut used);
            if let Some(names) = step.get("take") {
                taken.extend(names.as_object().ok_or(format!("{place}: take"))?.keys().cloned());
            }
        }
        match taken.difference(&used).next() {
            Some(unused) => Err(format!("nothing uses ${unused}")),
            None => Ok(()),
        }
    }

    /// Plays it; the text says which step failed and how.
    pub fn play(&self, stand: &mut Stand) -> Result<(), String> {
        let mut variables = Variables::new();
        if self.live {
            let addresses =
                stand.call(&json!({"do": "reset", "clock": self.clock, "issuers": self.issuers}))?;
            variables.extend(addresses.as_object().cloned().unwrap_or_default());
        }
        let mut stage =
            Stage { stand, devices: BTreeMap::new(), variables, clock: self.clock, live: self.live };
        for (number, step) in self.steps.iter().enumerate() {
            stage
                .step(step)
                .map_err(|why| format!("  step {}: {}\n  {why}", number + 1, Value::Object(step.clone())))?;
        }
        Ok(())
    }
}

impl Stage<'_> {
    fn step(&mut self, step: &Map<String, Value>) -> Result<(), String> {
        let (verb, arguments) = verb_of(step)?;
        let arguments = filled(arguments, &self.variables)?;
        let name = step.get("on").and_then(Value::as_str).unwrap_or("phone");
        let done = self.act(name, verb, &arguments);
        let filled = |key: &str| step.get(key).map(|value| filled(value, &self.variables)).transpose();
        let result = match (done, filled("error")?) {
            (Err(Trouble::Journey(why)), _) => return Err(why),
            (Err(Trouble::Token(error)), None) => return Err(format!("error {}", views::error(&error))),
            (Ok(result), Some(_)) => return Err(format!("no error, but {result}")),
            (Err(Trouble::Token(error)), Some(expected)) => {
                let got = views::error(&error);
                if let Some(difference) = difference(&expected, &got, "error") {
                    return Err(format!("{difference}\n  got {got}"));
                }
                got
            }
            (Ok(result), None) => result,
        };
        if let Some(expected) = filled("expect")?
            && let Some(difference) = difference(&expected, &result, "result")
        {
            return Err(format!("{difference}\n  got {result}"));
        }
        for (name, path) in step.get("take").and_then(Value::as_object).into_iter().flatten() {
            let path = path.as_str().ok_or("a path is a text")?;
            let found = part(&result, path).ok_or_else(|| format!("nothing at {path} in {result}"))?;
            self.variables.insert(name.clone(), found);
        }
        Ok(())
    }

    fn act(&mut self, name: &str, verb: &str, arguments: &Value) -> Result<Value, Trouble> {
        match verb {
            "issuer" => return Ok(self.stand.call(arguments)?),
            "pass" => {
                let seconds = arguments["seconds"].as_u64().ok_or("seconds".to_owned())?;
                self.devices.values().for_each(|device| device.fakes.clock.advance(seconds));
                self.clock += seconds;
                if self.live {
                    self.stand.call(&json!({"do": "pass", "seconds": seconds}))?;
                }
                return Ok(Value::Null);
            }
            "differ" => {
                let same = arguments["a"] == arguments["b"];
                return if same {
                    Err(format!("both are {}", arguments["a"]).into())
                } else {
                    Ok(Value::Null)
                };
            }
            _ => {}
        }
        let (number, clock) = (self.devices.len() as u64 + 1, self.clock);
        let device = self.devices.entry(name.to_owned()).or_insert_with(|| Device::new(number, clock));
        if verb != "twice" && verb != "stale" {
            return verbs::act(device, verb, arguments);
        }
        let inner = arguments.as_object().ok_or("a step is an object".to_owned())?;
        let (inner, arguments) = verb_of(inner)?;
        if verb == "stale" {
            device.be_stale()?;
            return verbs::act(device, inner, arguments);
        }
        let ticket = device.ticket();
        verbs::act(device, inner, arguments)?;
        if INPUTS.contains(&inner) {
            device.repeat(ticket);
        }
        verbs::act(device, inner, arguments)
    }
}
