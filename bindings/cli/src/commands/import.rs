//! `import`: files of other programs. A picture is read as QR codes, all of them; what anything else
//! is, the core finds out. What goes wrong with one file of several is a row of the answer; when
//! nothing at all could be added, the first failure is the answer.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use softtoken_core::SoftToken;
use softtoken_core::activation::state::ActivationSource;
use softtoken_core::token::Activation;

use super::activation::{Choices, Driver};
use super::{add, pictures, unlock};
use crate::answer::Answer;
use crate::args::ImportArgs;
use crate::context::Context;
use crate::device_name;
use crate::failure::Failure;
use crate::texts::printable;

/// Adds the identities of all files, after consent for each activation.
pub fn import(context: &mut Context, args: &ImportArgs) -> Result<Answer, Failure> {
    let token = context.existing()?;
    let choices = Choices { yes: args.yes, password_file: args.password_file.clone(), ..Choices::default() };
    let mut total = Total { several: args.files.len() > 1, ..Total::default() };
    for path in &args.files {
        match activations(context, &token, path) {
            Ok(activations) => {
                for activation in activations {
                    let ended = activation.and_then(|activation| {
                        Driver::new(context, Some(&token), &choices).drive(&activation)
                    });
                    total.count(path, ended.and_then(|ended| add::outcome(&token, &ended)));
                }
            }
            Err(failure) => total.count(path, Err(failure)),
        }
    }
    unlock::recovery(context, &token, total.answer()?)
}

/// Usually one; a picture has one for each QR code.
fn activations(
    context: &Context,
    token: &Arc<SoftToken>,
    path: &Path,
) -> Result<Vec<Result<Activation, Failure>>, Failure> {
    let bytes = context.secrets.import(path)?;
    if PICTURES.iter().any(|magic| bytes.starts_with(magic)) {
        return pictures::scan_all(token, path);
    }
    let (source, options) = (ActivationSource::File(bytes), device_name::options());
    Ok(vec![Ok(token.begin_activation(source, options)?)])
}

/// What came of all files.
#[derive(Default)]
struct Total {
    several: bool,
    added: Vec<Value>,
    refused: Vec<Value>,
    text: String,
    first_failure: Option<Failure>,
}

impl Total {
    fn count(&mut self, path: &Path, result: Result<(Value, String), Failure>) {
        let file = printable(&path.to_string_lossy());
        match result {
            Ok((mut json, lines)) => {
                self.added.append(&mut rows(&mut json, "added"));
                let refused = rows(&mut json, "refused").into_iter().map(|row| self.naming(row, &file));
                self.refused.append(&mut refused.collect());
                self.text.push_str(&lines);
            }
            Err(failure) => {
                self.text.push_str(&format!("! {file}: {}\n", failure.message()));
                let row = json!({"entry": null, "error": failure.to_json()});
                self.refused.push(self.naming(row, &file));
                self.first_failure.get_or_insert(failure);
            }
        }
    }

    fn answer(self) -> Result<Answer, Failure> {
        match self.first_failure {
            Some(failure) if self.added.is_empty() => Err(failure),
            _ => Ok(Answer::new(json!({"added": self.added, "refused": self.refused}), self.text)),
        }
    }

    fn naming(&self, mut row: Value, file: &str) -> Value {
        if self.several
            && let Value::Object(fields) = &mut row
        {
            fields.insert("file".to_owned(), json!(file));
        }
        row
    }
}

fn rows(json: &mut Value, field: &str) -> Vec<Value> {
    json.get_mut(field).and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default()
}

/// PNG, JPEG, PGM, PPM.
const PICTURES: [&[u8]; 4] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"P5", b"P6"];

#[cfg(test)]
mod tests {
    use super::*;
    use softtoken_core::TokenError;

    #[test]
    fn one_bad_file_of_two_is_a_row_and_two_bad_files_are_the_first_failure() {
        let mut total = Total { several: true, ..Total::default() };
        total.count(Path::new("a"), Err(TokenError::NotForThisApp.into()));
        total.count(Path::new("b"), Ok((json!({"added": [{"id": "1"}], "refused": []}), String::new())));
        let answer = total.answer().ok().unwrap();
        assert_eq!(answer.json["refused"][0]["file"], "a");
        assert_eq!(answer.json["added"].as_array().unwrap().len(), 1);

        let mut total = Total { several: true, ..Total::default() };
        total.count(Path::new("a"), Err(TokenError::NotForThisApp.into()));
        total.count(Path::new("b"), Err(TokenError::Expired.into()));
        assert_eq!(total.answer().err().unwrap().to_json()["kind"], "NotForThisApp");
    }
}
