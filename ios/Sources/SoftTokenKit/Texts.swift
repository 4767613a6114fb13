import Foundation
import SoftToken

/// Everything that is said to people, in one language.
///
/// The catalogue (`Localizable.xcstrings`) is read as it is. A placeholder is `{name}`; a plural has a form for one
/// and another for the rest, which is right for German and English.
public struct Texts: Sendable {
    /// A language that the catalogue has, whole.
    public enum Language: String, CaseIterable, Sendable {
        case de
        case en

        /// The first of the user's languages that there is; English else.
        public static var preferred: Language {
            Locale.preferredLanguages.lazy.compactMap { Language(rawValue: String($0.prefix(2))) }.first
                ?? .en
        }
    }

    /// The language.
    public let language: Language

    public init(_ language: Language = .preferred) {
        self.language = language
    }

    /// The text of `key` with its placeholders filled. `count` chooses the form of a plural, and is `{count}`.
    public func callAsFunction(
        _ key: String, _ values: KeyValuePairs<String, String> = [:], count: Int? = nil
    ) -> String {
        let form = count.map { $0 == 1 ? "\(key).one" : "\(key).other" } ?? key
        guard var text = catalogue[language]?[form] else {
            assertionFailure("no text \(form)")
            return form
        }
        // Not a second time: a value may hold braces.
        guard text.contains("{") else { return text }
        for (name, value) in values { text = text.replacing("{\(name)}", with: value) }
        return count.map { text.replacing("{count}", with: String($0)) } ?? text
    }

    /// All keys; those of plurals end with `.one` and `.other`.
    static func keys(_ language: Language) -> Set<String> { Set(catalogue[language, default: [:]].keys) }
}

/// Texts by key, by language.
private let catalogue: [Texts.Language: [String: String]] = {
    guard let file = Bundle.module.url(forResource: "Localizable", withExtension: "xcstrings"),
        let data = try? Data(contentsOf: file),
        let read = try? JSONDecoder().decode(Catalogue.self, from: data)
    else { return [:] }
    var texts: [Texts.Language: [String: String]] = [:]
    for (key, entry) in read.strings {
        for language in Texts.Language.allCases {
            guard let there = entry.localizations[language.rawValue] else { continue }
            texts[language, default: [:]][key] = there.stringUnit?.value
            for (form, unit) in there.variations?.plural ?? [:] {
                texts[language, default: [:]]["\(key).\(form)"] = unit.stringUnit.value
            }
        }
    }
    return texts
}()

/// The part of a string catalogue that is used here.
private struct Catalogue: Decodable {
    struct Entry: Decodable { let localizations: [String: Localization] }
    struct Localization: Decodable {
        let stringUnit: Unit?
        let variations: Variations?
    }
    struct Variations: Decodable { let plural: [String: Form] }
    struct Form: Decodable { let stringUnit: Unit }
    struct Unit: Decodable { let value: String }

    let strings: [String: Entry]
}
