import Foundation
import SoftToken

// Texts for what the pages of an activation show.

extension Texts {
    /// The way an activation came in.
    public func of(_ door: Door) -> String { self("activation.door.\(door.key)") }

    /// Which password to enter.
    public func of(_ password: PasswordOf) -> String { self("activation.password.\(password.key)") }

    /// Something odd that was accepted.
    public func of(_ warning: Warning) -> String { self("warning.\(warning.key)") }

    /// What the browser's page will ask for.
    public func of(_ kind: VerificationKind) -> String { self("activation.verify.\(kind.key)") }
}

extension PasswordOf {
    var key: String {
        switch self {
        case .qrCode: "qr_code"
        case .otpPin: "otp_pin"
        case .file: "file"
        case .fileKey: "file_key"
        }
    }
}

extension Warning {
    var key: String {
        switch self {
        case .shortSecret: "short_secret"
        case .counterMissing: "counter_missing"
        case .leftoverBits: "leftover_bits"
        case .tenDigits: "ten_digits"
        case .legacy: "legacy"
        case .vendorMayRefuse: "vendor_may_refuse"
        case .looksExpired: "looks_expired"
        case .signatureNotChecked: "signature_not_checked"
        case .counterMayBeBehind: "counter_may_be_behind"
        }
    }
}

extension Door {
    var key: String {
        switch self {
        case .account: "account"
        case .link: "link"
        case .qrCode: "qr_code"
        case .typed: "typed"
        case .entrustV1: "entrust_v1"
        case .twoStep: "two_step"
        case .backup: "backup"
        }
    }
}
