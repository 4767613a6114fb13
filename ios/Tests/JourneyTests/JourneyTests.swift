// Plays tests/journeys/*.json against the generated facade and the real library; README.md there is normative.
//
// SOFTTOKEN_JOURNEYS is their folder (the repository's when missing), SOFTTOKEN_STAND the program
// `softtoken-stand`, SOFTTOKEN_JOURNEY a part of a name to play some only.
import Foundation
import SoftToken
import Testing

/// One file: a sentence, what it needs, and its steps.
struct Journey: CustomTestStringConvertible, Sendable {
    let name: String
    let file: URL
    var testDescription: String { name }

    static let all: [Journey] = {
        let variables = ProcessInfo.processInfo.environment
        let repository = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardized
        let folder = variables["SOFTTOKEN_JOURNEYS"].map { URL(fileURLWithPath: $0) }
        let here = folder ?? repository.appendingPathComponent("tests/journeys")
        let files = try? FileManager.default.contentsOfDirectory(at: here, includingPropertiesForKeys: nil)
        let journeys = (files ?? []).filter { $0.pathExtension == "json" }.map {
            Journey(name: $0.deletingPathExtension().lastPathComponent, file: $0)
        }
        let part = variables["SOFTTOKEN_JOURNEY"] ?? ""
        return journeys.filter { part.isEmpty || $0.name.contains(part) }.sorted { $0.name < $1.name }
    }()
}

/// One process for the whole run; nil without SOFTTOKEN_STAND.
private let stand = Result {
    try ProcessInfo.processInfo.environment["SOFTTOKEN_STAND"].map { try Stand(program: $0) }
}

/// Those that passed, for the line at the end.
private actor Passed {
    static let all = Passed()
    private var count = 0
    func add() -> Int {
        count += 1
        return count
    }
}

/// One at a time: the stand serves one.
@Suite(.serialized) struct JourneyTests {
    @Test(arguments: Journey.all)
    func plays(journey: Journey) async throws {
        let file = try Json(parsing: Data(contentsOf: journey.file))
        guard let sentence = file["journey"].text, let clock = file["clock"].number,
            case .list(let steps) = file["steps"]
        else { throw Wrong("\(journey.name): no journey") }
        let live = file["live"] == .bool(true)
        let stage = Stage(clock: UnixTime(clock), stand: live ? try stand.get() : nil)
        if live {
            let issuers = file["issuers"] == .null ? .object(["main": .object([:])]) : file["issuers"]
            let reset: [String: Json] = ["do": .text("reset"), "clock": .number(clock), "issuers": issuers]
            stage.variables = try stage.call(.object(reset)).fields ?? [:]
        }
        for (index, step) in steps.enumerated() {
            do {
                try stage.play(step)
            } catch {
                let why =
                    (error as? Wrong)?.why ?? (error as? TokenError).map { view($0).written } ?? "\(error)"
                Issue.record("\(journey.name): \(sentence)\n  step \(index + 1): \(step.written)\n  \(why)")
                return
            }
        }
        let passed = await Passed.all.add()
        if passed == Journey.all.count { print("journeys: swift \(passed) passed") }
    }

    @Test func thereAreJourneys() { #expect(!Journey.all.isEmpty) }
}

/// One journey being played.
private final class Stage {
    var variables: [String: Json] = [:]
    private var devices: [String: Device] = [:]
    private var clock: UnixTime
    private let stand: Stand?

    init(clock: UnixTime, stand: Stand?) {
        (self.clock, self.stand) = (clock, stand)
    }

    func call(_ call: Json) throws -> Json {
        guard let stand else { throw Wrong("SOFTTOKEN_STAND names no stand") }
        return try stand.call(call)
    }

    func play(_ step: Json) throws {
        let (verb, arguments) = try verb(of: step)
        let expectedError = try step["error"].filled(variables)
        let result: Json
        do {
            let done = try act(step["on"].text ?? "phone", verb, arguments.filled(variables))
            guard expectedError == .null else { throw Wrong("no error, but \(done.written)") }
            result = done
        } catch let error as TokenError where expectedError != .null {
            result = view(error)
            try compare(expectedError, result, "error")
        }
        if let expected = step.fields?["expect"] {
            try compare(expected.filled(variables), result, "result")
        }
        for (name, path) in step["take"].fields ?? [:] { variables[name] = try result.part(path.text ?? "") }
    }

    private func compare(_ expected: Json, _ got: Json, _ what: String) throws {
        if let difference = expected.difference(got, at: what) {
            throw Wrong("\(difference)\n  got \(got.written)")
        }
    }

    private func verb(of step: Json) throws -> (String, Json) {
        let beside = ["on", "expect", "error", "take", "note"]
        let verbs = (step.fields ?? [:]).filter { !beside.contains($0.key) }
        guard let (verb, arguments) = verbs.first, verbs.count == 1 else {
            throw Wrong("a step has one verb")
        }
        return (verb, arguments)
    }

    private func act(_ name: String, _ verb: String, _ arguments: Json) throws -> Json {
        let a = Arguments(json: arguments)
        switch verb {
        case "issuer": return try call(arguments)
        case "pass":
            let seconds: UInt64 = try a.number("seconds")
            for device in devices.values { device.world.clock.pass(seconds) }
            clock += seconds
            if stand != nil { _ = try call(.object(["do": .text("pass"), "seconds": number(seconds)])) }
            return .null
        case "differ":
            if arguments["a"] == arguments["b"] { throw Wrong("both are \(arguments["a"].written)") }
            return .null
        default: break
        }
        let device = devices[name] ?? Device(at: clock)
        devices[name] = device
        guard verb == "twice" || verb == "stale" else { return try device.act(verb, a) }
        let (inner, its) = try self.verb(of: arguments)
        if verb == "stale" {
            try device.beStale()
            return try device.act(inner, Arguments(json: its))
        }
        let ticket = device.ticket
        _ = try device.act(inner, Arguments(json: its))
        if answers.contains(inner) { device.force(ticket) }
        return try device.act(inner, Arguments(json: its))
    }
}

/// Verbs that answer a state, and carry its ticket.
private let answers: Set = [
    "password", "retry", "consent", "decline", "details", "pin_ready", "continue_offline", "confirmed",
    "cancel",
    "poll", "browser_returned", "browser_dismissed",
]
