// The library's views as the journeys compare them: fields by their names, closed words in snake_case.
import Foundation
import SoftToken

/// The name of a variant without payload, in `snake_case`.
func word<Value>(_ value: Value?) -> Json {
    guard let value else { return .null }
    return .text(snake(variant(value)))
}

/// The name of a variant as it is written in Swift.
private func variant<Value>(_ value: Value) -> String {
    String(String(describing: value).prefix { $0 != "(" })
}

private func snake(_ name: String) -> String {
    name.enumerated().reduce(into: "") { word, letter in
        if letter.element.isUppercase && letter.offset > 0 { word += "_" }
        word += letter.element.lowercased()
    }
}

func text(_ value: String?) -> Json { value.map(Json.text) ?? .null }
func text(_ value: SecretText?) -> Json { text(value?.text) }
func number<Value: BinaryInteger>(_ value: Value?) -> Json {
    value.map { .number(Int64(clamping: $0)) } ?? .null
}
func list<Item>(_ items: [Item], _ one: (Item) -> Json) -> Json { .list(items.map(one)) }
func texts(_ items: [String]) -> Json { list(items, text) }

private func named(_ key: String, _ name: String, _ fields: [String: Json] = [:]) -> Json {
    .object(fields.merging([key: .text(name)]) { $1 })
}

/// `{"kind": …}` with the payload flat beside it.
func view(_ error: TokenError) -> Json {
    let fields: [String: Json] =
        switch error {
        case .ActivationPending(let id): ["id": .text(id)]
        case .DeviceKeyFailed(let problem): ["problem": word(problem)]
        case .InputNeeded(let what): ["what": word(what)]
        case .NameTaken(let suggestion): ["suggestion": text(suggestion)]
        case .NotUnderstood(let part, let problem, let position):
            ["part": word(part), "problem": word(problem), "position": number(position)]
        case .NotYet(let feature): ["feature": word(feature)]
        case .PinRefused(let problem):
            switch problem {
            case .tooShort(let min): ["problem": word(problem), "min": number(min)]
            case .tooLong(let max): ["problem": word(problem), "max": number(max)]
            case .notDigits, .repeated, .run, .date, .pattern, .common, .mismatch: ["problem": word(problem)]
            }
        case .ServerRefused(let status): ["status": number(status)]
        case .Stopped(let why, let since): ["why": word(why), "since": number(since)]
        case .Unsupported(let what): ["what": word(what)]
        case .Untrusted(let what): ["what": word(what)]
        case .VaultFile(let problem): ["problem": word(problem)]
        case .VaultTooNew(let found, let known): ["found": number(found), "known": number(known)]
        case .VerificationOpen(let kind): ["verification": word(kind)]
        case .VerificationRefused(let kind, let reason): ["verification": word(kind), "reason": word(reason)]
        case .WrongPassword(let triesLeft): ["tries_left": number(triesLeft)]
        case .WrongPin(let attemptsLeft): ["attempts_left": number(attemptsLeft)]
        case .WrongUnlockCode(let triesLeft): ["tries_left": number(triesLeft)]
        case .AlreadyUsed, .ConsentNeeded, .Declined, .DeviceKeyLost, .Expired, .Internal, .NoNetwork,
            .NotForThisApp, .PinBlocked, .StaleInput, .Superseded, .UnknownIdentity, .VaultBusy,
            .VaultDamaged,
            .VaultExists, .VaultLocked, .Void:
            [:]
        }
    return named("kind", variant(error), fields)
}

func view(_ state: ActivationState) -> Json {
    switch state {
    case .needsPin(let rules, let exists):
        named("state", "NeedsPin", ["rules": view(rules), "exists": .bool(exists)])
    case .needsPassword(let of, let wrong, let triesLeft):
        named(
            "state", "NeedsPassword",
            ["of": word(of), "wrong": .bool(wrong), "tries_left": number(triesLeft)])
    case .needsDetails(let fields, let problems):
        named("state", "NeedsDetails", ["fields": view(fields), "problems": list(problems, view)])
    case .needsConsent(let summary, let name, let taken):
        named("state", "NeedsConsent", ["summary": view(summary), "name": .text(name), "taken": text(taken)])
    case .exchange(let request): named("state", "Exchange", ["request": view(request)])
    case .verify(
        let id, let kind, let url, let callback, let number, let device, let serial, let after, let awaited):
        named(
            "state", "Verify",
            [
                "id": .text(id), "kind": word(kind), "url": .text(url), "callback": .text(callback),
                "number": .text(number), "device": .text(device), "serial": .text(serial),
                "retry_after": .number(Int64(after)), "awaited": .bool(awaited),
            ])
    case .waiting(let id, let kind, let after):
        named("state", "Waiting", ["id": .text(id), "kind": word(kind), "retry_after": number(after)])
    case .showRegistrationCode(let id, let code, let live, let expiresAt, let awaited):
        named(
            "state", "ShowRegistrationCode",
            [
                "id": .text(id), "code": text(code), "live_code": text(live), "expires_at": number(expiresAt),
                "awaited": .bool(awaited),
            ])
    case .done(let added, let refused):
        named("state", "Done", ["added": texts(added), "refused": list(refused, view)])
    case .failed(let why, let retry): named("state", "Failed", ["why": view(why), "retry": word(retry)])
    }
}

func view(_ state: ContactState) -> Json {
    switch state {
    case .exchange(let request): return named("state", "Exchange", ["request": view(request)])
    case .done(let news):
        let fields: [String: Json] = [
            "id": .text(news.id), "active": .bool(news.active), "renewed": .bool(news.renewed),
            "alone": .bool(news.alone), "policy": view(news.policy), "clock_offset": number(news.clockOffset),
            "needs_pin": news.needsPin.map(view) ?? .null,
        ]
        return named("state", "Done", ["news": .object(fields)])
    case .ended(let end): return named("state", "Ended", ["end": word(end)])
    case .failed(let why, let retry):
        return named("state", "Failed", ["why": view(why), "retry": .bool(retry)])
    }
}

func view(_ state: TokenState) -> Json {
    switch state {
    case .fresh: named("state", "Fresh")
    case .locked(let left, let after):
        named("state", "Locked", ["attempts_left": number(left), "retry_after": number(after)])
    case .blocked(let ask): named("state", "Blocked", ["ask": list(ask, view)])
    case .ready: named("state", "Ready")
    case .damaged(let keptAt): named("state", "Damaged", ["kept_at": text(keptAt)])
    case .deviceKeyLost: named("state", "DeviceKeyLost")
    }
}

func view(_ one: StatusView) -> Json {
    .object([
        "state": view(one.state), "identities": number(one.identities), "assurance": word(one.assurance),
        "ask": list(one.ask, view),
    ])
}

func view(_ one: ResetRequest) -> Json {
    .object(["issuer": .text(one.issuer), "serial": text(one.serial), "reset_code": .text(one.resetCode)])
}

func view(_ one: IdentityView) -> Json {
    let stopped = one.stopped.map { Json.object(["why": word($0.why), "since": number($0.since)]) }
    return .object([
        "id": .text(one.id), "name": .text(one.name), "issuer": .text(one.issuer),
        "account": .text(one.account),
        "serial": text(one.serial), "kind": word(one.kind), "algorithm": word(one.algorithm),
        "digits": number(one.digits), "period": number(one.period), "state": word(one.state),
        "stopped": stopped ?? .null, "badge": word(one.badge),
        "registration_code": text(one.registrationCode),
    ])
}

func view(_ one: CodeView) -> Json {
    .object([
        "id": .text(one.id), "name": .text(one.name), "code": text(one.code),
        "valid_from": number(one.validFrom),
        "valid_until": number(one.validUntil), "next": text(one.next), "counter": number(one.counter),
    ])
}

func view(_ sheet: CodeSheet) -> Json {
    .object([
        "at": number(sheet.at), "next_change": number(sheet.nextChange), "codes": list(sheet.codes, view),
    ])
}

func view(_ one: ResyncView) -> Json {
    let numbered = { (one: NumberedCode) in
        Json.object(["number": number(one.number), "code": text(one.code)])
    }
    return .object(["current": numbered(one.current), "following": numbered(one.following)])
}

func view(_ one: PolicyView) -> Json {
    .object([
        "id": .text(one.id), "name": .text(one.name), "issuer": .text(one.issuer), "policy": view(one.policy),
    ])
}

func view(_ one: ClockView) -> Json {
    let offsets = list(one.offsets) { .object(["id": .text($0.id), "seconds": number($0.seconds)]) }
    return .object([
        "now": number(one.now), "implausible": .bool(one.implausible), "jumped": number(one.jumped),
        "offsets": offsets,
    ])
}

func view(_ one: EventView) -> Json {
    let payload: Json =
        switch one.event {
        case .wrongPin(let left), .wrongCode(let left): number(left)
        case .backupMade(let identities): number(identities)
        case .autoLockChanged(let seconds): number(seconds)
        case .identityAdded, .identityRenamed, .identityRemoved, .seedReplaced, .deletedByIssuer,
            .replacedElsewhere, .disabledByIssuer, .enabledByIssuer, .created, .unlocked,
            .unlockedByBiometrics,
            .locked, .blocked, .pinForgotten, .olderFile, .pinChanged, .codeRedeemed, .recoveryCodeRead,
            .biometricsOn, .biometricsOff:
            .null
        }
    return .object([
        "at": number(one.at), "event": word(one.event), "number": payload, "name": text(one.name),
    ])
}

func view(_ one: DeletionView) -> Json {
    .object([
        "id": .text(one.id), "name": .text(one.name), "address": .text(one.address),
        "serial": .text(one.serial),
        "at": number(one.at),
    ])
}

func view(_ one: BackupFile) -> Json {
    let leftOut = list(one.leftOut) {
        .object(["id": .text($0.id), "name": .text($0.name), "reason": word($0.reason)])
    }
    let bytes = one.bytes.base64EncodedString()
    return .object(["bytes": .text(bytes), "left_out": leftOut, "identities": number(one.identities)])
}

private func view(_ rules: PinRules) -> Json { .object(["min_digits": number(rules.minDigits)]) }

private func view(_ one: Policy) -> Json {
    .object([
        "pin": view(one.pin), "forbid_biometric": .bool(one.forbidBiometric),
        "forbid_backup": .bool(one.forbidBackup), "verify_user": .bool(one.verifyUser),
    ])
}

private func view(_ one: HttpRequest) -> Json {
    .object(["kind": word(one.kind), "url": .text(one.url), "max_reply": number(one.maxReply)])
}

private func view(_ one: TypedFields) -> Json {
    .object([
        "address": .text(one.address), "serial_number": .text(one.serialNumber),
        "activation_code": text(one.activationCode),
    ])
}

private func view(_ one: FieldProblem) -> Json {
    .object(["part": word(one.part), "problem": word(one.problem), "position": number(one.position)])
}

private func view(_ one: RefusedView) -> Json {
    .object(["entry": number(one.entry), "error": view(one.error)])
}

private func view(_ one: ConsentSummary) -> Json {
    let page = one.page.map { Json.object(["index": number($0.index), "of": number($0.count)]) }
    return .object([
        "door": word(one.door), "address": text(one.address), "serial": text(one.serial),
        "expires_at": number(one.expiresAt), "offline": .bool(one.offline),
        "entries": list(one.entries, view),
        "refused": list(one.refused, view), "page": page ?? .null,
    ])
}

private func view(_ one: EntrySummary) -> Json {
    .object([
        "name": text(one.name), "taken": text(one.taken), "issuer": .text(one.issuer),
        "account": .text(one.account), "kind": word(one.kind), "algorithm": word(one.algorithm),
        "digits": number(one.digits), "period": number(one.period), "badge": word(one.badge),
        "warnings": list(one.warnings) { word($0) },
    ])
}
