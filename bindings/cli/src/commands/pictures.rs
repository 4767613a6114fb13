//! QR codes in picture files. What a code says never leaves the core: a choice is by number.

use std::path::Path;
use std::sync::Arc;

use softtoken_core::activation::state::ActivationOptions;
use softtoken_core::error::{Needed, Part, Problem};
use softtoken_core::qr::LumaFrame;
use softtoken_core::token::{Activation, ScanResult};
use softtoken_core::{SoftToken, TokenError};

use crate::context::Context;
use crate::device_name;
use crate::failure::{Failure, FileFault};
use crate::picture::{self, Picture, PictureError};

/// The QR code of a picture: the only one, the picked one, or the one that a person chooses now.
pub fn scan(
    context: &mut Context,
    token: &Arc<SoftToken>,
    path: &Path,
    pick: Option<u32>,
    options: &ActivationOptions,
) -> Result<Activation, Failure> {
    let picture = load(path)?;
    match look(token, &picture, pick.map(|pick| pick.saturating_sub(1)), options)? {
        ScanResult::Several { count } => {
            let chosen = choose(context, pick, count)?.saturating_sub(1);
            the_one(look(token, &picture, Some(chosen), options)?)
        }
        found => the_one(found),
    }
}

/// All QR codes of a picture, in reading order; some may be no activation.
pub fn scan_all(token: &Arc<SoftToken>, path: &Path) -> Result<Vec<Result<Activation, Failure>>, Failure> {
    let picture = load(path)?;
    let options = device_name::options();
    match look(token, &picture, None, &options)? {
        ScanResult::Several { count } => {
            Ok((0..count).map(|pick| the_one(look(token, &picture, Some(pick), &options)?)).collect())
        }
        found => Ok(vec![the_one(found)]),
    }
}

fn look(
    token: &Arc<SoftToken>,
    picture: &Picture,
    pick: Option<u32>,
    options: &ActivationOptions,
) -> Result<ScanResult, TokenError> {
    let (width, height) = (picture.width, picture.height);
    let frame = LumaFrame::new(width, height, width, &picture.luma)?;
    token.scan_picture(&frame, pick, options.clone())
}

fn the_one(found: ScanResult) -> Result<Activation, Failure> {
    match found {
        ScanResult::Started(activation) => Ok(activation),
        ScanResult::Nothing | ScanResult::Several { .. } => Err(picture_problem(Problem::Missing)),
    }
}

fn choose(context: &mut Context, pick: Option<u32>, count: u32) -> Result<u32, Failure> {
    if let Some(pick) = pick {
        return Err(Failure::usage(format!("--pick {pick}: the picture has {count} QR codes.")));
    }
    let none = || {
        let text = format!("There are {count} QR codes in the picture. Choose one with --pick 1 to {count}.");
        Failure::needs(Needed::Choice).with("count", count).saying(text)
    };
    if !context.ask.is_person() {
        return Err(none());
    }
    let prompt = format!("There are {count} QR codes, in reading order. Which one (1 to {count})? ");
    let line = context.ask.line(&prompt).ok_or_else(none)?;
    line.trim().parse().ok().filter(|n| (1..=count).contains(n)).ok_or_else(none)
}

fn picture_problem(problem: Problem) -> Failure {
    TokenError::NotUnderstood { part: Part::Picture, problem, position: None }.into()
}

fn load(path: &Path) -> Result<Picture, Failure> {
    picture::load(path).map_err(|error| match error {
        PictureError::NotAPicture => picture_problem(Problem::Unknown),
        PictureError::TooLarge => picture_problem(Problem::TooLong),
        PictureError::Unreadable(error) => Failure::file(path, FileFault::from(error)),
    })
}
