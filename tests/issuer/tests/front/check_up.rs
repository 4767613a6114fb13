use std::path::PathBuf;

use softtoken_core::random::Random;
use softtoken_issuer::clock::SystemClock;
use softtoken_issuer::doctor::{Finding, Level, examine};
use softtoken_issuer::mail::NoMail;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

/// An installation with a certificate of its own that is good for a year from `NOW`.
struct Installation {
    folder: tempfile::TempDir,
    file: PathBuf,
}

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

impl Installation {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        let mut parameters = rcgen::CertificateParams::new(["issuer.example".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2027, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2028, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(folder.path().join("chain.pem"), parameters.self_signed(&key).unwrap().pem()).unwrap();
        let installation = Self { folder, file };
        installation.write_private("key.pem", &key.serialize_pem());
        std::fs::create_dir(installation.folder.path().join("mails")).unwrap();
        installation.write_private(
            "settings.toml",
            "address = 'issuer.example'\nlisten = '127.0.0.1:8443'\ndatabase = 'a.db'\nkeys = 'k'\n\
             [tls]\ncertificate = 'chain.pem'\nkey = 'key.pem'\n[mail]\nmail_dir = 'mails'\n",
        );
        let ports =
            Ports { clock: Arc::new(SystemClock), random: Random::system(), outbox: Arc::new(NoMail) };
        let issuer = Issuer::open(installation.settings(), ports).await.unwrap();
        issuer.store.close().await;
        installation
    }

    fn settings(&self) -> Settings {
        Settings::read(&self.file).unwrap()
    }

    fn write_private(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        self.mode(name, 0o600);
    }

    fn mode(&self, name: &str, mode: u32) {
        let path = self.folder.path().join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    async fn findings(&self, now: u64) -> Vec<Finding> {
        examine(&self.settings(), &self.file, now, None).await
    }

    /// What is wrong, with a fix each.
    async fn errors(&self, now: u64) -> Vec<String> {
        let errors = self.findings(now).await.into_iter().filter(|finding| finding.level == Level::Error);
        errors.inspect(|error| assert!(error.fix.is_some(), "{error}")).map(|error| error.found).collect()
    }
}

#[tokio::test]
async fn a_sound_installation_has_no_errors_and_every_check_was_made() {
    let sound = Installation::new().await;
    assert_eq!(sound.errors(NOW).await, [""; 0]);
    let findings = sound.findings(NOW).await;
    for check in ["clock", "certificate", "tls key", "keys", "settings", "mail", "database", "disk"] {
        assert!(findings.iter().any(|finding| finding.check == check), "{check} was not looked at");
    }
}

#[tokio::test]
async fn certificates_are_judged_by_their_dates_names_and_key() {
    let installation = Installation::new().await;
    assert!(installation.errors(NOW + 365 * DAY).await.iter().any(|found| found.starts_with("expired")));
    assert!(
        installation.errors(NOW - 365 * DAY).await.iter().any(|found| found.starts_with("not valid before"))
    );
    let soon = installation.findings(NOW + 340 * DAY).await;
    assert!(soon.iter().any(|finding| finding.check == "certificate" && finding.level == Level::Warning));
    let text = std::fs::read_to_string(&installation.file).unwrap();
    installation.write_private("settings.toml", &text.replace("'issuer.example'", "'other.example'"));
    assert_eq!(installation.errors(NOW).await, ["does not name other.example"]);
    installation.write_private("settings.toml", &text);
    installation.write_private("key.pem", &rcgen::KeyPair::generate().unwrap().serialize_pem());
    assert!(installation.errors(NOW).await[0].ends_with("is not of this certificate"));
}

#[tokio::test]
async fn the_certificate_of_an_authority_is_no_servers() {
    let installation = Installation::new().await;
    let mut parameters = rcgen::CertificateParams::new(["issuer.example".to_owned()]).unwrap();
    (parameters.not_before, parameters.not_after) =
        (rcgen::date_time_ymd(2027, 1, 1), rcgen::date_time_ymd(2028, 1, 1));
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let chain = installation.folder.path().join("chain.pem");
    std::fs::write(chain, parameters.self_signed(&key).unwrap().pem()).unwrap();
    installation.write_private("key.pem", &key.serialize_pem());
    let errors = installation.errors(NOW).await;
    assert_eq!(errors, ["is that of an authority, which devices refuse from a server"]);
}

#[tokio::test]
async fn open_or_missing_files_and_a_damaged_database_are_found() {
    let installation = Installation::new().await;
    installation.mode("k/seeds.key", 0o644);
    installation.mode("settings.toml", 0o640);
    std::fs::remove_file(installation.folder.path().join("k/recovery.key")).unwrap();
    std::fs::remove_dir(installation.folder.path().join("mails")).unwrap();
    let errors = installation.errors(NOW).await.join("\n");
    for part in [
        "seeds.key is open to others (mode 644)",
        "settings.toml is open to others (mode 640)",
        "recovery.key: ",
        "mails: ",
    ] {
        assert!(errors.contains(part), "{part} is not in {errors}");
    }
    let file = installation.folder.path().join("a.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4096..8192].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let findings = installation.findings(NOW).await;
    assert!(findings.iter().any(|finding| finding.check == "database" && finding.level == Level::Error));
}

#[tokio::test]
async fn a_mail_server_that_is_not_there_is_found() {
    let installation = Installation::new().await;
    let text = std::fs::read_to_string(&installation.file).unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text =
        text.replace("mail_dir = 'mails'", &format!("smtp = 'smtp://user:secret@{closed}?tls=required'"));
    installation.write_private("settings.toml", &text);
    let findings = installation.findings(NOW).await;
    let mail = findings.iter().find(|finding| finding.check == "mail").unwrap();
    assert_eq!(mail.level, Level::Error);
    assert!(!findings.iter().any(|finding| finding.to_string().contains("secret")), "no password is shown");
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_does_not_keep_the_check_up_waiting() {
    let installation = Installation::new().await;
    let text = std::fs::read_to_string(&installation.file).unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp = 'smtp://{}?tls=required'", silent.local_addr().unwrap());
    installation.write_private("settings.toml", &text.replace("mail_dir = 'mails'", &url));
    let begun = std::time::Instant::now();
    assert_eq!(installation.errors(NOW).await, ["the mail server has not answered within 5 seconds"]);
    assert!(begun.elapsed() < std::time::Duration::from_secs(15));
}

#[tokio::test]
async fn the_listener_for_certificates_and_its_authorities_are_judged() {
    let installation = Installation::new().await;
    let text = std::fs::read_to_string(&installation.file).unwrap();
    let own = "[certificates]\nlisten = '127.0.0.1:8444'\naddress = 'issuer.example:8444'\ncertificate = 'chain.pem'\n\
               key = 'key.pem'\nclient_ca = 'ca.pem'\n";
    let settings = |own: &str| installation.write_private("settings.toml", &format!("{text}{own}"));
    let write = |parameters: &rcgen::CertificateParams| {
        let authority = parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        std::fs::write(installation.folder.path().join("ca.pem"), authority.pem()).unwrap();
    };
    settings(own);
    assert!(installation.errors(NOW).await[0].contains("ca.pem: "), "there is no such file");
    let mut parameters = rcgen::CertificateParams::default();
    parameters.not_before = rcgen::date_time_ymd(2027, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2027, 6, 1);
    write(&parameters);
    assert!(installation.errors(NOW).await[0].ends_with("is not that of an authority"));
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    write(&parameters);
    assert_eq!(installation.errors(NOW).await, [""; 0]);
    let level = async |days| {
        let findings = installation.findings(NOW + days * DAY).await;
        findings.into_iter().find(|finding| finding.check == "proof authority").unwrap().level
    };
    // 15 January to 1 June are 137 days.
    assert_eq!(
        [level(100).await, level(125).await, level(140).await],
        [Level::Ok, Level::Warning, Level::Error]
    );
    settings(&own.replace("address = 'issuer.example", "address = 'proof.example"));
    assert_eq!(installation.errors(NOW).await, ["does not name proof.example"]);
    settings(&own.replace("key.pem", "other.pem"));
    installation.write_private("other.pem", &rcgen::KeyPair::generate().unwrap().serialize_pem());
    assert!(installation.errors(NOW).await[0].ends_with("other.pem is not of this certificate"));
    settings(own);
    for junk in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(installation.folder.path().join("ca.pem"), junk).unwrap();
        assert!(installation.errors(NOW).await[0].ends_with("ca.pem: no certificate"), "{junk}");
    }
}
