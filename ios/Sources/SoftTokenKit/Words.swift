import SoftToken

// Closed sets as they are written in keys of texts. A variant that the library gains does not compile here.

extension DeviceKeyProblem {
    var key: String {
        switch self {
        case .transient: "transient"
        case .cancelled: "cancelled"
        case .unsupported: "unsupported"
        case .faulty: "faulty"
        }
    }
}

extension FileProblem {
    var key: String {
        switch self {
        case .noAccess: "no_access"
        case .full: "full"
        case .other: "other"
        }
    }
}

extension Needed {
    var key: String {
        switch self {
        case .vault: "vault"
        case .pin: "pin"
        case .newPin: "new_pin"
        case .password: "password"
        case .otpPin: "otp_pin"
        case .name: "name"
        case .choice: "choice"
        case .details: "details"
        case .unlockCode: "unlock_code"
        }
    }
}

extension Part {
    var key: String {
        switch self {
        case .text: "text"
        case .type: "type"
        case .label: "label"
        case .issuer: "issuer"
        case .account: "account"
        case .parameters: "parameters"
        case .secret: "secret"
        case .algorithm: "algorithm"
        case .digits: "digits"
        case .period: "period"
        case .counter: "counter"
        case .address: "address"
        case .serialNumber: "serial_number"
        case .activationCode: "activation_code"
        case .registrationCode: "registration_code"
        case .password: "password"
        case .payload: "payload"
        case .version: "version"
        case .mode: "mode"
        case .flags: "flags"
        case .expiry: "expiry"
        case .issuerKey: "issuer_key"
        case .mac: "mac"
        case .plaintext: "plaintext"
        case .policy: "policy"
        case .entry: "entry"
        case .backup: "backup"
        case .xml: "xml"
        case .challenge: "challenge"
        case .suite: "suite"
        case .session: "session"
        case .mobilePassCode: "mobile_pass_code"
        case .otpPin: "otp_pin"
        case .name: "name"
        case .twoStep: "two_step"
        case .picture: "picture"
        case .unlockCode: "unlock_code"
        }
    }
}

extension Problem {
    var key: String {
        switch self {
        case .missing: "missing"
        case .empty: "empty"
        case .tooLong: "too_long"
        case .tooShort: "too_short"
        case .badCharacter: "bad_character"
        case .badEncoding: "bad_encoding"
        case .checkDigit: "check_digit"
        case .outOfRange: "out_of_range"
        case .duplicate: "duplicate"
        case .unknown: "unknown"
        case .mismatch: "mismatch"
        case .truncated: "truncated"
        }
    }
}

extension StopReason {
    var key: String {
        switch self {
        case .disabled: "disabled"
        case .deleted: "deleted"
        case .replaced: "replaced"
        }
    }
}

extension UnsupportedKind {
    var key: String {
        switch self {
        case .md5: "md5"
        case .forThisKind: "for_this_kind"
        case .encryption: "encryption"
        case .mobilePassPlus: "mobile_pass_plus"
        case .offline: "offline"
        case .activationType: "activation_type"
        case .tokenKind: "token_kind"
        case .biometrics: "biometrics"
        case .noWayBack: "no_way_back"
        case .newerVersion: "newer_version"
        }
    }
}

extension UntrustedKind {
    var key: String {
        switch self {
        case .connection: "connection"
        case .issuer: "issuer"
        case .reply: "reply"
        }
    }
}

extension VerificationKind {
    var key: String {
        switch self {
        case .certificate: "certificate"
        case .face: "face"
        }
    }
}

extension VerificationRefusal {
    var key: String {
        switch self {
        case .anotherHolder: "another_holder"
        case .byPerson: "by_person"
        case .byUser: "by_user"
        case .other: "other"
        }
    }
}

extension Badge {
    var key: String {
        switch self {
        case .legacy: "legacy"
        case .weak: "weak"
        }
    }
}
