// A row of errors.json back into an error, and closed sets as lists.
import SoftToken

@testable import SoftTokenKit

/// An error as the journeys write it: `kind`, and the payload flat beside it.
struct Flat: Decodable {
    let kind: String
    let id: String?
    let problem: String?
    let what: String?
    let suggestion: String?
    let part: String?
    let position: UInt32?
    let feature: String?
    let status: UInt16?
    let why: String?
    let since: UInt64?
    let found: UInt32?
    let known: UInt32?
    let verification: String?
    let reason: String?
    let triesLeft: UInt32?
    let attemptsLeft: UInt32?
    let min: UInt8?
    let max: UInt8?

    var error: TokenError? {
        switch kind {
        case "ActivationPending": .ActivationPending(id: id!)
        case "AlreadyUsed": .AlreadyUsed
        case "ConsentNeeded": .ConsentNeeded
        case "Declined": .Declined
        case "DeviceKeyFailed": .DeviceKeyFailed(problem: DeviceKeyProblem.named(problem)!)
        case "DeviceKeyLost": .DeviceKeyLost
        case "Expired": .Expired
        case "InputNeeded": .InputNeeded(what: Needed.named(what)!)
        case "Internal": .Internal
        case "NameTaken": .NameTaken(suggestion: suggestion!)
        case "NoNetwork": .NoNetwork
        case "NotForThisApp": .NotForThisApp
        case "NotYet": .NotYet(feature: Feature.named(feature)!)
        case "NotUnderstood":
            .NotUnderstood(part: Part.named(part)!, problem: Problem.named(problem)!, position: position)
        case "PinBlocked": .PinBlocked
        case "PinRefused": .PinRefused(problem: pinProblem!)
        case "ServerRefused": .ServerRefused(status: status!)
        case "StaleInput": .StaleInput
        case "Stopped": .Stopped(why: StopReason.named(why)!, since: since!)
        case "Superseded": .Superseded
        case "UnknownIdentity": .UnknownIdentity
        case "Unsupported": .Unsupported(what: UnsupportedKind.named(what)!)
        case "Untrusted": .Untrusted(what: UntrustedKind.named(what)!)
        case "VaultBusy": .VaultBusy
        case "VaultDamaged": .VaultDamaged
        case "VaultExists": .VaultExists
        case "VaultFile": .VaultFile(problem: FileProblem.named(problem)!)
        case "VaultLocked": .VaultLocked
        case "VaultTooNew": .VaultTooNew(found: found!, known: known!)
        case "VerificationOpen": .VerificationOpen(kind: VerificationKind.named(verification)!)
        case "VerificationRefused":
            .VerificationRefused(
                kind: VerificationKind.named(verification)!, reason: VerificationRefusal.named(reason)!)
        case "Void": .Void
        case "WrongPassword": .WrongPassword(triesLeft: triesLeft)
        case "WrongPin": .WrongPin(attemptsLeft: attemptsLeft!)
        case "WrongUnlockCode": .WrongUnlockCode(triesLeft: triesLeft!)
        default: nil
        }
    }

    private var pinProblem: PinProblem? {
        switch problem {
        case "too_short": min.map { .tooShort(min: $0) }
        case "too_long": max.map { .tooLong(max: $0) }
        case "not_digits": .notDigits
        case "repeated": .repeated
        case "run": .run
        case "date": .date
        case "pattern": .pattern
        case "common": .common
        case "mismatch": .mismatch
        default: nil
        }
    }
}

/// A closed set that can be listed: a word that is missing here fails on the row that has it.
protocol Listed {
    static var everyone: [Self] { get }
}

extension Listed {
    static func named(_ word: String?) -> Self? {
        everyone.first { snake("\($0)") == word }
    }
}

private func snake(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
}

extension DeviceKeyProblem: Listed {
    static let everyone: [DeviceKeyProblem] = [
        .transient, .cancelled, .unsupported, .faulty,
    ]
}

extension Feature: Listed {
    static let everyone: [Feature] = [
        .onlineActivation, .push, .container, .tiqr, .foreignExport, .unlockCode, .keyStore,
    ]
}

extension FileProblem: Listed {
    static let everyone: [FileProblem] = [
        .noAccess, .full, .other,
    ]
}

extension Needed: Listed {
    static let everyone: [Needed] = [
        .vault, .pin, .newPin, .password, .otpPin, .name, .choice, .details, .unlockCode,
    ]
}

extension Part: Listed {
    static let everyone: [Part] = [
        .text, .type, .label, .issuer, .account, .parameters, .secret, .algorithm, .digits, .period,
        .counter, .address, .serialNumber, .activationCode, .registrationCode, .password, .payload,
        .version, .mode, .flags, .expiry, .issuerKey, .mac, .plaintext, .policy, .entry, .backup, .xml,
        .challenge, .suite, .session, .mobilePassCode, .otpPin, .name, .twoStep, .picture, .unlockCode,
    ]
}

extension Problem: Listed {
    static let everyone: [Problem] = [
        .missing, .empty, .tooLong, .tooShort, .badCharacter, .badEncoding, .checkDigit, .outOfRange,
        .duplicate, .unknown, .mismatch, .truncated,
    ]
}

extension StopReason: Listed {
    static let everyone: [StopReason] = [
        .disabled, .deleted, .replaced,
    ]
}

extension UnsupportedKind: Listed {
    static let everyone: [UnsupportedKind] = [
        .md5, .forThisKind, .encryption, .mobilePassPlus, .offline, .activationType, .tokenKind,
        .biometrics, .noWayBack, .newerVersion,
    ]
}

extension UntrustedKind: Listed {
    static let everyone: [UntrustedKind] = [
        .connection, .issuer, .reply,
    ]
}

extension VerificationKind: Listed {
    static let everyone: [VerificationKind] = [
        .certificate, .face,
    ]
}

extension VerificationRefusal: Listed {
    static let everyone: [VerificationRefusal] = [
        .anotherHolder, .byPerson, .byUser, .other,
    ]
}

extension Warning: Listed {
    static let everyone: [Warning] = [
        .shortSecret, .counterMissing, .leftoverBits, .tenDigits, .legacy, .vendorMayRefuse,
        .looksExpired, .signatureNotChecked, .counterMayBeBehind,
    ]
}
