//! `add`: one front door, driven to its end.

use serde_json::{Value, json};
use softtoken_core::SoftToken;
use softtoken_core::activation::state::{
    ActivationOptions, ActivationSource, RefusedView, TypedFields, TypedKey,
};
use zeroize::Zeroizing;

use super::activation::{Choices, Ended, pages};
use super::{contact, identities, mails, pictures, unlock};
use crate::answer::Answer;
use crate::args::AddArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::table;
use crate::{device_name, error_json, json as views, texts};

/// Adds what the door offers, after consent.
pub fn add(context: &mut Context, args: AddArgs) -> Result<Answer, Failure> {
    let token = context.existing()?;
    let options = ActivationOptions {
        offline: args.offline,
        digits: args.digits,
        registration_code: args.registration_code.clone().map(Zeroizing::new),
        ..device_name::options()
    };
    let activation = match &args.qr {
        Some(picture) => pictures::scan(context, &token, picture, args.pick, &options)?,
        None => token.begin_activation(source(context, &args)?, options)?,
    };
    let choices = Choices {
        yes: args.yes,
        name: args.name,
        password_file: args.password_file,
        otp_pin_file: args.otp_pin_file,
        offline: args.offline,
        confirmed: false,
        try_again: false,
        no_browser: args.verify.no_browser,
        wait: args.verify.wait,
    };
    let ended = contact::drive_and_tell(context, &token, &choices, &activation)?;
    let (json, text) = outcome(&token, &ended)?;
    unlock::recovery(context, &token, Answer::new(json, text))
}

/// What `add` and `import` answer.
pub fn outcome(token: &SoftToken, ended: &Ended) -> Result<(Value, String), Failure> {
    match ended {
        Ended::Pending(page) => {
            let view = token.find(&page.id.to_hex())?;
            let json = json!({"added": [views::identity(&view)], "refused": []});
            Ok((json, pages::registration(page, &view)))
        }
        Ended::Added { ids, refused } => {
            let views = ids.iter().map(|id| token.find(&id.to_hex()));
            let added = views.collect::<Result<Vec<_>, _>>()?;
            let json = json!({
                "added": views::identities(&added),
                "refused": refused.iter().map(error_json::refused).collect::<Vec<_>>(),
            });
            let heading = if added.is_empty() { "Nothing was added.\n" } else { "Added:\n" };
            let rows: Vec<Vec<String>> = added.iter().map(identities::row).collect();
            Ok((json, format!("{heading}{}{}", table(&rows), refused_lines(refused))))
        }
    }
}

fn source(context: &mut Context, args: &AddArgs) -> Result<ActivationSource, Failure> {
    if args.manual {
        let activation_code = args.activation_code.as_deref();
        let code = activation_code.map(|code| context.pasted(code, "Activation code")).transpose()?;
        let fields = TypedFields {
            address: args.address.clone().unwrap_or_default(),
            serial_number: args.serial_number.clone().unwrap_or_default(),
            activation_code: code.unwrap_or_default(),
        };
        let v1 = args.entrust_v1;
        return Ok(if v1 { ActivationSource::TypedV1(fields) } else { ActivationSource::Typed(fields) });
    }
    if let Some(key) = &args.key {
        return Ok(ActivationSource::Key(TypedKey {
            key: context.pasted(key, "Key")?,
            issuer: args.key_args.issuer.clone().unwrap_or_default(),
            account: args.key_args.account.clone().unwrap_or_default(),
            digits: args.digits,
            period: args.key_args.period,
            algorithm: args.key_args.algorithm.clone(),
            counter: args.key_args.hotp,
        }));
    }
    if let Some(code) = &args.mobilepass {
        let code = context.pasted(code, "Activation code")?;
        return Ok(ActivationSource::MobilePass {
            code,
            policy: args.mobilepass_policy.clone().unwrap_or_default(),
        });
    }
    let text = args.text.as_deref().unwrap_or("-");
    let text = context.pasted(text, "Paste the link or the text of the QR code")?;
    Ok(ActivationSource::Text(mails::choose(context, text)?))
}

fn refused_lines(refused: &[RefusedView]) -> String {
    let line = |view: &RefusedView| {
        format!("! Entry {} was not added: {}\n", view.entry, texts::sentence(&view.error))
    };
    refused.iter().map(line).collect()
}
