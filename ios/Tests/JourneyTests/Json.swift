// JSON as a value, variables, and the comparison of the journeys (tests/journeys/README.md).
import Foundation

enum Json: Equatable, Decodable {
    case null
    case bool(Bool)
    case number(Int64)
    case text(String)
    case list([Json])
    case object([String: Json])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Json].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Json].self))
        }
    }

    init(parsing data: Data) throws { self = try JSONDecoder().decode(Json.self, from: data) }

    subscript(name: String) -> Json {
        if case .object(let fields) = self { fields[name] ?? .null } else { .null }
    }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int64? { if case .number(let number) = self { number } else { nil } }
    var fields: [String: Json]? { if case .object(let fields) = self { fields } else { nil } }

    /// As plain objects, for `JSONSerialization`.
    var plain: Any {
        switch self {
        case .null: NSNull()
        case .bool(let bool): bool
        case .number(let number): number
        case .text(let text): text
        case .list(let list): list.map(\.plain)
        case .object(let fields): fields.mapValues(\.plain)
        }
    }

    var written: String {
        let options: JSONSerialization.WritingOptions = [
            .sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes,
        ]
        let data = (try? JSONSerialization.data(withJSONObject: plain, options: options)) ?? Data()
        let text = String(decoding: data, as: UTF8.self)
        return text.count > 1500 ? "\(text.prefix(1500))…" : text
    }

    /// With every text `$name` replaced by the variable.
    func filled(_ variables: [String: Json]) throws -> Json {
        switch self {
        case .text(let text) where text.hasPrefix("$"):
            guard let value = variables[String(text.dropFirst())] else { throw Wrong("no variable \(text)") }
            return value
        case .list(let list): return .list(try list.map { try $0.filled(variables) })
        case .object(let fields): return .object(try fields.mapValues { try $0.filled(variables) })
        case .null, .bool, .number, .text: return self
        }
    }

    /// The part at a path of names and places between dots.
    func part(_ path: String) throws -> Json {
        try path.split(separator: ".").reduce(self) { value, name in
            switch value {
            case .list(let list):
                guard let place = Int(name), list.indices.contains(place) else {
                    throw Wrong("nothing at \(path)")
                }
                return list[place]
            case .object(let fields):
                guard let field = fields[String(name)] else { throw Wrong("nothing at \(path)") }
                return field
            case .null, .bool, .number, .text: throw Wrong("nothing at \(path)")
            }
        }
    }

    /// Where and how `got` is not as this expects; nil when it is.
    func difference(_ got: Json, at place: String) -> String? {
        switch (self, got) {
        case (.object(let expected), .object(let fields)):
            return expected.sorted { $0.key < $1.key }.lazy.compactMap { name, expected in
                guard let got = fields[name] else { return "\(place).\(name): there is no such field" }
                return expected.difference(got, at: "\(place).\(name)")
            }.first
        case (.list(let expected), .list(let items)) where expected.count == items.count:
            return zip(expected, items).enumerated().lazy.compactMap { index, pair in
                pair.0.difference(pair.1, at: "\(place).\(index)")
            }.first
        case (.text(let shape), .text(let text)) where shape.hasPrefix("~"):
            return has(text, shape.dropFirst()) ? nil : "\(place): expected the shape \(shape), got \(text)"
        default: return self == got ? nil : "\(place): expected \(written), got \(got.written)"
        }
    }
}

/// `9` stands for a digit, a last `*` for any rest, everything else for itself.
private func has(_ text: String, _ shape: Substring) -> Bool {
    let open = shape.last == "*"
    let shape = open ? shape.dropLast() : shape
    guard open ? text.count >= shape.count : text.count == shape.count else { return false }
    return zip(text, shape).allSatisfy { one, wanted in
        wanted == "9" ? ("0"..."9").contains(one) : one == wanted
    }
}

/// The journey, not the token, is wrong.
struct Wrong: Error {
    let why: String
    init(_ why: String) { self.why = why }
}
