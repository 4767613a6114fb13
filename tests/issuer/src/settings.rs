//! Settings: one TOML file, read once. Unknown keys are refused, because a mistyped rule is no rule.
//!
//! Names and defaults of `[policy]` follow the public IDaaS interface where it has them.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use softtoken_core::activation::address::Address;
use softtoken_core::activation::profile::Profile;
use softtoken_core::error::VerificationKind;
use softtoken_core::identity::{MIN_PIN_DIGITS, PinRules, Policy};
use softtoken_core::otp::{Algorithm, Digits};

use crate::error::{Error, Result};

/// All settings. No `Debug`: the mail server's URL holds a password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The issuer's address as devices know it, `host` or `host:port`.
    #[serde(deserialize_with = "address")]
    pub address: Address,
    /// Host of the links in mails; the address when missing.
    #[serde(default, deserialize_with = "some_address")]
    pub link_host: Option<Address>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database file.
    pub database: PathBuf,
    /// Folder of the issuer's keys and of the keys that seal the database (mode 0700, files 0600).
    pub keys: PathBuf,
    /// Certificate chain and key for https; without it plain http, and only on a loopback address.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// How mails leave.
    #[serde(default)]
    pub mail: MailSettings,
    /// Where devices prove certificates; without it no order can want one.
    #[serde(default)]
    pub certificates: Option<Certificates>,
    /// Rules for tokens.
    #[serde(default)]
    pub policy: TokenPolicy,
}

/// Files for https, PEM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// The listener that asks browsers for a client certificate. It has an address of its own, because a browser asks its
/// user for one as soon as it connects.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificates {
    /// Where to listen; always https.
    pub listen: SocketAddr,
    /// Its address in links, `host` or `host:port`.
    #[serde(deserialize_with = "address")]
    pub address: Address,
    /// The listener's own chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// The authorities whose certificates holders have, PEM. No other is accepted.
    pub client_ca: PathBuf,
    /// What in a certificate says whose it is.
    #[serde(default)]
    pub holder: CertificateHolder,
}

/// What in a certificate has to be the user's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateHolder {
    /// The common name or a mail address is the user's name or mail address.
    #[default]
    NameOrMail,
    /// The common name is the user's name.
    CommonName,
    /// A mail address in it is the user's.
    Mail,
    /// Nothing: every certificate of the authorities is a device of the organisation.
    Any,
}

/// How mails leave: by a server, into a folder, or not at all. No `Debug`: the URL holds a password.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Sender.
    #[serde(default)]
    pub from: Option<String>,
    /// URL of the mail server, `smtps://user:password@host`, or `smtp://…:587?tls=required` for STARTTLS.
    #[serde(default)]
    pub smtp: Option<String>,
    /// The certificate (PEM) of an authority that the mail server's was signed by and this computer does not know.
    #[serde(default)]
    pub smtp_ca: Option<PathBuf>,
    /// A folder that mails are written into instead.
    #[serde(default)]
    pub mail_dir: Option<PathBuf>,
}

/// Rules for tokens, with the names of the public interface. Those in force are [`policy`](crate::Issuer::policy).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct TokenPolicy {
    /// Seconds that an order may be claimed.
    pub activation_lifetime: u64,
    /// Digits of a code, 6 to 10.
    pub otp_length: u8,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub otp_algorithm: String,
    /// Seconds of a step.
    pub otp_period: u16,
    /// Steps before and after the expected one in which a code is accepted.
    pub otp_window: u64,
    /// Steps that sign-ins alone may move a learned drift away from the last resynchronisation.
    pub max_time_steps: u64,
    /// Steps before and after that a resynchronisation or a completion searches.
    pub max_reset_time_steps: u64,
    /// Counters ahead in which an HOTP code is accepted.
    pub hotp_look_ahead: u64,
    /// Counters ahead that a resynchronisation searches.
    pub max_reset_counters: u64,
    /// Wrong codes in a row that lock a token.
    pub max_failures: u64,
    /// Tries that a token has in an hour to resynchronise, and a user to take a hardware token.
    pub max_resets_per_hour: u64,
    /// Unlock codes that a token is given in an hour.
    pub max_unlocks_per_hour: u64,
    /// Apps must have a PIN; the soft token always has one.
    pub pin_required: bool,
    /// Least number of digits of that PIN, 4 to 12.
    pub pin_length: u8,
    /// Biometric unlock is forbidden.
    pub forbid_biometric: bool,
    /// Backups of the identity are forbidden.
    pub forbid_backup: bool,
    /// The device verifies its user before each code.
    pub verify_user: bool,
    /// Activation without network is allowed.
    pub offline_allowed: bool,
    /// Every activation is confirmed with its registration code.
    pub confirm_in_portal: bool,
    /// Verifications before a token is given to a device: `certificate`, `face`.
    pub verifications: Vec<Verification>,
    /// Devices that say they are not secure are allowed.
    pub allow_unsecure_device: bool,
}

impl Settings {
    /// Reads and checks a file. Relative paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::Settings(format!("{}: {error}", path.display())))?;
        Self::from_toml(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads and checks a text; relative paths are relative to `folder`.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self> {
        let mut settings: Self =
            toml::from_str(text).map_err(|error| Error::Settings(error.message().to_owned()))?;
        let inside = |path: &mut PathBuf| *path = folder.join(&*path);
        inside(&mut settings.database);
        inside(&mut settings.keys);
        settings.mail.mail_dir.iter_mut().for_each(inside);
        settings.mail.smtp_ca.iter_mut().for_each(inside);
        if let Some(tls) = &mut settings.tls {
            inside(&mut tls.certificate);
            inside(&mut tls.key);
        }
        if let Some(own) = &mut settings.certificates {
            [&mut own.certificate, &mut own.key, &mut own.client_ca].into_iter().for_each(inside);
        }
        settings.check()?;
        Ok(settings)
    }

    /// The host in links.
    pub fn link_host(&self) -> &Address {
        self.link_host.as_ref().unwrap_or(&self.address)
    }

    fn check(&self) -> Result<()> {
        let wrong = [
            (
                self.tls.is_none() && !self.listen.ip().is_loopback(),
                "without [tls], listen must be a loopback address",
            ),
            (self.mail.smtp.is_some() && self.mail.mail_dir.is_some(), "either smtp or mail_dir, not both"),
        ];
        match wrong.iter().find(|(wrong, _)| *wrong) {
            Some((_, why)) => Err(Error::Settings((*why).to_owned())),
            None => {
                self.policy.check_verifications(self.certificates.as_ref())?;
                self.policy.check()
            }
        }
    }
}

impl TokenPolicy {
    /// The code profile of links and QR codes.
    pub fn profile(&self) -> Result<Profile> {
        let wrong = || Error::Settings("otpAlgorithm, otpLength or otpPeriod is out of range".into());
        Ok(Profile {
            algorithm: Algorithm::parse(&self.otp_algorithm).map_err(|_| wrong())?,
            digits: Digits::new(self.otp_length).ok_or_else(wrong)?,
            period: NonZeroU16::new(self.otp_period).ok_or_else(wrong)?,
        })
    }

    /// The bits of `verifications`.
    pub fn verification_bits(&self) -> u64 {
        Verification::bits(&self.verifications)
    }

    /// What devices are told (`core/PROTOCOL.md` 7.5, key 5).
    pub fn for_devices(&self) -> Policy {
        Policy {
            pin: PinRules { min_digits: self.pin_length },
            forbid_biometric: self.forbid_biometric,
            forbid_backup: self.forbid_backup,
            verify_user: self.verify_user,
        }
    }
}

/// A verification as settings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// A client certificate in the browser.
    Certificate,
    /// A picture of the face.
    Face,
}

impl Verification {
    /// The bits of several.
    pub fn bits(several: &[Self]) -> u64 {
        several.iter().fold(0, |bits, one| bits | one.kind().bit())
    }

    /// Its kind in the profile.
    pub fn kind(self) -> VerificationKind {
        match self {
            Self::Certificate => VerificationKind::Certificate,
            Self::Face => VerificationKind::Face,
        }
    }
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            activation_lifetime: 300,
            otp_length: 8,
            otp_algorithm: "SHA256".into(),
            otp_period: 30,
            otp_window: 1,
            max_time_steps: 10,
            max_reset_time_steps: 120,
            hotp_look_ahead: 10,
            max_reset_counters: 100,
            max_failures: 10,
            max_resets_per_hour: 5,
            max_unlocks_per_hour: 5,
            pin_required: true,
            pin_length: MIN_PIN_DIGITS,
            forbid_biometric: false,
            forbid_backup: false,
            verify_user: false,
            offline_allowed: true,
            confirm_in_portal: false,
            verifications: Vec::new(),
            allow_unsecure_device: false,
        }
    }
}

fn address<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Address, D::Error> {
    let text = String::deserialize(from)?;
    Address::parse(&text).map_err(|_| serde::de::Error::custom("this is no address of an issuer"))
}

fn some_address<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Option<Address>, D::Error> {
    address(from).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str =
        "address = 'Issuer.example'\nlisten = '127.0.0.1:8443'\ndatabase = 'a.db'\nkeys = 'k'\n";

    #[test]
    fn a_short_file_has_the_public_defaults() {
        let settings = Settings::from_toml(LEAST, Path::new("/srv")).unwrap();
        assert_eq!(settings.address.ascii(), "issuer.example");
        assert_eq!(settings.database, Path::new("/srv/a.db"));
        assert_eq!((settings.policy.activation_lifetime, settings.policy.otp_length), (300, 8));
    }

    #[test]
    fn mistyped_and_impossible_settings_are_refused() {
        for more in [
            "colour = 'red'",
            "[policy]\notpLenght = 8",
            "[policy]\notpLength = 5",
            "[policy]\npinLength = 13",
            "[policy]\notpAlgorithm = 'MD5'",
            "[policy]\nactivationLifetime = 0",
            "[mail]\nsmtp = 'smtp://a'\nmail_dir = 'b'",
            "[policy]\nverifications = ['certificate']",
            "[policy]\nverifications = ['voice']",
            "[policy]\nverifications = ['face', 'face']",
        ] {
            assert!(Settings::from_toml(&format!("{LEAST}{more}"), Path::new("")).is_err(), "{more}");
        }
        let open = LEAST.replace("127.0.0.1", "0.0.0.0");
        assert!(Settings::from_toml(&open, Path::new("")).is_err());
    }
}
