// Every verb of a device: arguments in, the facade's verb, its result as JSON.
import Foundation
import SoftToken

/// Arguments of a step, variables filled in.
struct Arguments {
    let json: Json

    func has(_ name: String) -> Bool { json[name] != .null }
    func isOn(_ name: String) -> Bool { json[name] == .bool(true) }
    func text(_ name: String) throws -> String {
        guard let text = json[name].text else { throw Wrong("\(name) must be a text") }
        return text
    }
    func bytes(_ name: String) throws -> Data { Data(try text(name).utf8) }
    func base64(_ name: String) throws -> Data {
        guard let data = Data(base64Encoded: try text(name)) else { throw Wrong("\(name) is no Base64") }
        return data
    }
    func number<Value: BinaryInteger>(_ name: String) throws -> Value {
        guard let value: Value = try maybe(name) else { throw Wrong("\(name) must be a number") }
        return value
    }
    func maybe<Value: BinaryInteger>(_ name: String) throws -> Value? {
        guard let number = json[name].number else { return nil }
        guard let value = Value(exactly: number) else { throw Wrong("\(name) is out of range") }
        return value
    }
    var typed: TypedFields {
        TypedFields(
            address: json["address"].text ?? "", serialNumber: json["serial_number"].text ?? "",
            activationCode: SecretText(json["activation_code"].text ?? ""))
    }
}

extension Device {
    func act(_ verb: String, _ a: Arguments) throws -> Json {
        switch verb {
        case "open":
            if a.isOn("second") {
                _ = try world.open()
            } else if a.isOn("not_a_folder") {
                let file = world.folder.appendingPathComponent("a file")
                try Data("no folder".utf8).write(to: file)
                _ = try world.open(at: file)
            } else {
                return try open()
            }
        case "close": close()
        case "kill": return try open()
        case "patch":
            let file = world.folder.appendingPathComponent("vault.db")
            var bytes = try Data(contentsOf: file)
            let (offset, new): (Int, Data) = (try a.number("offset"), try a.base64("bytes"))
            guard offset + new.count <= bytes.count else { throw Wrong("behind the end of the file") }
            bytes.replaceSubrange(offset..<(offset + new.count), with: new)
            try bytes.write(to: file)
        case "jump": world.clock.jump(try a.number("seconds"))
        case "reboot": world.clock.reboot()
        case "lose_keys": world.key.loseAll()
        case "device_key_fails":
            let errors: [String: HookError] = [
                "transient": .Transient, "user_cancelled": .UserCancelled, "unsupported": .Unsupported,
            ]
            guard let error = errors[try a.text("error")] else { throw Wrong("no such failure") }
            world.key.failNext(error)
        case "begin": return try begin(a)
        case "resume": return try talk(to: token.resumeActivation(id: a.text("id")))
        case "deletion": return try talk(to: token.beginDeletion(id: a.text("id"), device: nil))
        case "contact":
            let wishes: [String: Wish] = ["refresh": .refresh, "rekey": .rekey, "delete": .delete]
            guard let wish = wishes[try a.text("wish")] else { throw Wrong("no such wish") }
            return try talk(to: token.beginContact(id: a.text("id"), wish: wish, device: nil))
        case "http": return try http(a)
        case "step": return try step()
        case "password": return try password(a.text("password"))
        case "retry": return try retry()
        case "consent": return try answer(.consent(name: a.json["name"].text))
        case "details": return try answer(.details(a.typed))
        case "decline": return try answer(.decline)
        case "pin_ready": return try answer(.pinReady)
        case "continue_offline": return try answer(.continueOffline)
        case "confirmed": return try answer(.confirmed)
        case "cancel": return try answer(.cancel)
        case "poll": return try answer(.poll)
        case "browser_returned": return try answer(.browserReturned)
        case "browser_dismissed": return try answer(.browserDismissed)
        default: return try onToken(verb, a)
        }
        return .null
    }

    private func onToken(_ verb: String, _ a: Arguments) throws -> Json {
        let token = try token
        switch verb {
        case "set_pin": try token.setPin(pin: a.bytes("pin"))
        case "unlock": try token.unlock(pin: a.bytes("pin"))
        case "change_pin": try token.changePin(old: a.bytes("old"), new: a.bytes("new"))
        case "lock": try token.lock()
        case "forget_pin": try token.forgetPin()
        case "auto_lock":
            if let seconds: UInt32 = try a.maybe("seconds") { try token.setAutoLockAfter(seconds: seconds) }
            return .object(["seconds": number(try token.autoLockAfter())])
        case "state": return view(try token.state())
        case "status": return view(try token.status())
        case "identities": return list(try token.identities(), view)
        case "find": return view(try token.find(nameOrId: a.text("name")))
        case "codes": return view(try token.codes(at: a.maybe("at")))
        case "next_code": return view(try token.nextCode(id: a.text("id")))
        case "respond":
            let pin = try a.has("otp_pin") ? a.bytes("otp_pin") : Data()
            let code = try token.respond(
                id: a.text("id"), challenge: a.text("challenge"), otpPin: pin, at: a.maybe("at"))
            return view(code)
        case "resync": return view(try token.resyncCodes(id: a.text("id")))
        case "rename": return view(try token.rename(id: a.text("id"), name: a.text("name")))
        case "reorder": return view(try token.reorder(id: a.text("id"), position: a.number("position")))
        case "remove": try token.remove(id: a.text("id"))
        case "deletions": return list(try token.pendingDeletions(), view)
        case "policy": return list(try token.policyView(id: a.json["id"].text), view)
        case "clock_view": return view(try token.diagnoseClock())
        case "events": return list(try token.eventLog(), view)
        case "unlock_requests": return list(try token.unlockRequests(), view)
        case "redeem":
            let pin = try a.has("new_pin") ? a.bytes("new_pin") : Data()
            let redeemed = try token.redeemUnlockCode(code: a.bytes("code"), newPin: pin)
            return .object(["lost": texts(redeemed.lost), "untold": texts(redeemed.untold)])
        case "recovery_code": return .object(["code": text(try token.recoveryCode())])
        case "takes_recovery_code": return .bool(try token.takesRecoveryCode())
        case "acknowledge_recovery_code": try token.acknowledgeRecoveryCode()
        case "backup": return view(try token.exportBackup(password: a.bytes("password")))
        case "enable_biometrics":
            let ask = try token.beginBiometrics()
            try token.enableBiometrics(output: world.key.eval(alias: ask.alias, input: ask.input))
        case "unlock_with_biometric":
            let ask = try token.biometricRequest()
            let right = try world.key.eval(alias: ask.alias, input: ask.input)
            try token.unlockWithBiometric(output: a.isOn("wrong") ? Data(repeating: 7, count: 32) : right)
        case "disable_biometrics": try token.disableBiometrics()
        default: throw Wrong("no verb \(verb)")
        }
        return .null
    }

    private func begin(_ a: Arguments) throws -> Json {
        let code = a.json["registration_code"].text.map { SecretText($0) }
        let options = ActivationOptions(
            offline: a.isOn("offline"), digits: try a.maybe("digits"), registrationCode: code,
            device: a.json["device"].text)
        let inner = { Arguments(json: a.json[$0]) }
        let source: ActivationSource
        if let text = a.json["text"].text {
            source = .text(SecretText(text))
        } else if a.has("file_text") {
            source = .file(try a.bytes("file_text"))
        } else if a.has("file") {
            source = .file(try a.base64("file"))
        } else if a.has("typed") {
            source = .typed(inner("typed").typed)
        } else if a.has("typed_v1") {
            source = .typedV1(inner("typed_v1").typed)
        } else if a.has("key") {
            source = .key(try key(inner("key")))
        } else if a.has("mobile_pass") {
            let pass = inner("mobile_pass")
            source = .mobilePass(
                code: SecretText(try pass.text("code")), policy: pass.json["policy"].text ?? "")
        } else {
            return try picture(inner("picture"), still: a.isOn("still"), pick: a.maybe("pick"), options)
        }
        return try talk(to: token.beginActivation(source: source, options: options))
    }

    private func key(_ a: Arguments) throws -> TypedKey {
        TypedKey(
            key: SecretText(try a.text("key")), issuer: a.json["issuer"].text ?? "",
            account: a.json["account"].text ?? "", digits: try a.maybe("digits"),
            period: try a.maybe("period"),
            algorithm: a.json["algorithm"].text, counter: try a.maybe("counter"))
    }

    private func picture(
        _ a: Arguments, still: Bool, pick: UInt32?, _ options: ActivationOptions
    ) throws -> Json {
        let scan = still ? try token.scanPicture : try token.scanFrame
        let seen = try scan(
            a.number("width"), a.number("height"), a.number("stride"), a.base64("luma"), pick, options)
        switch seen {
        case .nothing: return .object(["scan": .text("Nothing")])
        case .several(let count): return .object(["scan": .text("Several"), "count": number(count)])
        case .started(let activation): return try talk(to: activation)
        }
    }

    private func http(_ a: Arguments) throws -> Json {
        if a.isOn("again") { return try replyAgain() }
        if let status: UInt16 = try a.maybe("status") {
            return try came(.success((status, Data((a.json["body"].text ?? "").utf8))))
        }
        if a.has("problem") {
            let problems: [String: HttpProblem] = [
                "no_network": .noNetwork, "tls": .tls, "timeout": .timeout, "too_large": .tooLarge,
            ]
            guard let problem = problems[try a.text("problem")] else { throw Wrong("no such problem") }
            return try came(.failure(problem))
        }
        guard var waiting = try request() else { throw Wrong("no request waits") }
        if a.isOn("unheard") {
            _ = carry(waiting)
            return try step()
        }
        while true {
            let result = try came(carry(waiting))
            guard !a.isOn("once"), let next = try request() else { return result }
            waiting = next
        }
    }
}
