import SoftToken

extension Texts {
    /// What a person should read about `error`, and do. Never holds a secret.
    public func of(_ error: TokenError) -> String {
        switch error {
        case .ActivationPending: self("error.activation_pending")
        case .AlreadyUsed: self("error.already_used")
        case .ConsentNeeded: self("error.consent_needed")
        case .Declined: self("error.declined")
        case .DeviceKeyFailed(let problem): self("error.device_key_failed.\(problem.key)")
        case .DeviceKeyLost: self("error.device_key_lost")
        case .Expired: self("error.expired")
        case .InputNeeded(let what): self("error.input_needed.\(what.key)")
        case .Internal: self("error.internal")
        case .NameTaken: self("error.name_taken")
        case .NoNetwork: self("error.no_network")
        case .NotForThisApp: self("error.not_for_this_app")
        case .NotUnderstood(let part, let problem, let position):
            notUnderstood(part, problem, position.map(Int.init))
        case .NotYet: self("error.not_yet")
        case .PinBlocked: self("error.pin_blocked")
        case .PinRefused(let problem): pinRefused(problem)
        case .ServerRefused(let status): self("error.server_refused", ["status": String(status)])
        case .StaleInput: self("error.stale_input")
        case .Stopped(let why, _): self("error.stopped.\(why.key)")
        case .Superseded: self("error.superseded")
        case .UnknownIdentity: self("error.unknown_identity")
        case .Unsupported(let what): self("error.unsupported.\(what.key)")
        case .Untrusted(let what): self("error.untrusted.\(what.key)")
        case .VaultBusy: self("error.vault_busy")
        case .VaultDamaged: self("error.vault_damaged")
        case .VaultExists: self("error.vault_exists")
        case .VaultFile(let problem): self("error.vault_file.\(problem.key)")
        case .VaultLocked: self("error.vault_locked")
        case .VaultTooNew(let found, let known):
            self("error.vault_too_new", ["found": String(found), "known": String(known)])
        case .VerificationOpen(let kind): self("error.verification_open.\(kind.key)")
        case .VerificationRefused(_, let reason): self("error.verification_refused.\(reason.key)")
        case .Void: self("error.void")
        case .WrongPassword(let triesLeft):
            switch triesLeft {
            case nil: self("error.wrong_password")
            case 0?: self("error.wrong_password.none_left")
            case let left?: self("error.wrong_password.left", count: Int(left))
            }
        case .WrongPin(0): self("error.wrong_pin.none_left")
        case .WrongPin(let left): self("error.wrong_pin", count: Int(left))
        case .WrongUnlockCode(0): self("error.wrong_unlock_code.none_left")
        case .WrongUnlockCode(let left): self("error.wrong_unlock_code", count: Int(left))
        }
    }

    /// What is wrong with a part of a text or form; `position` counts from 0.
    public func notUnderstood(_ part: Part, _ problem: Problem, _ position: Int?) -> String {
        switch (part, problem) {
        case (.picture, .missing): return self("error.not_understood.no_qr")
        case (.text, .unknown): return self("error.not_understood.text")
        case (.secret, .badCharacter), (.secret, .badEncoding), (.secret, .truncated):
            guard let position else { return self("error.not_understood.secret") }
            return self("error.not_understood.secret.at", ["position": String(position + 1)])
        default: break
        }
        let (part, what) = (self("part.\(part.key)"), self("problem.\(problem.key)"))
        guard let position else { return self("error.not_understood", ["part": part, "problem": what]) }
        let (first, second) = (String(position + 1), String(position + 2))
        if problem == .checkDigit {
            return self(
                "error.not_understood.swap",
                ["part": part, "problem": what, "first": first, "second": second])
        }
        return self("error.not_understood.at", ["part": part, "problem": what, "position": first])
    }

    private func pinRefused(_ problem: PinProblem) -> String {
        switch problem {
        case .tooShort(let min): self("error.pin_refused.too_short", count: Int(min))
        case .tooLong(let max): self("error.pin_refused.too_long", count: Int(max))
        case .notDigits: self("error.pin_refused.not_digits")
        case .repeated: self("error.pin_refused.repeated")
        case .run: self("error.pin_refused.run")
        case .date: self("error.pin_refused.date")
        case .pattern: self("error.pin_refused.pattern")
        case .common: self("error.pin_refused.common")
        case .mismatch: self("error.pin_refused.mismatch")
        }
    }
}
