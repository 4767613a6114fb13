// Texts in both languages: every error of the shared table, every key in the sources, plurals, placeholders.
import Foundation
import SoftToken
import Testing

@testable import SoftTokenKit

@Suite struct TextsTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..")
        .standardized

    @Test func everyErrorReadsAsTheSharedTableSays() throws {
        let data = try Data(contentsOf: Self.root.appendingPathComponent("tests/journeys/texts/errors.json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let rows = try decoder.decode([Row].self, from: data)
        #expect(rows.count > 150)
        for row in rows {
            let error = try #require(row.error.error, "\(row.error)")
            #expect(Texts(.en).of(error) == row.en)
            #expect(Texts(.de).of(error) == row.de)
        }
    }

    @Test func everyKeyInTheSourcesExists() throws {
        let folder = Self.root.appendingPathComponent("ios/Sources/SoftTokenKit")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let keys = Texts.keys(.en)
        var found = 0
        for file in files where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            let literal =
                /"((?:activation|app|codes|error|lock|part|problem|warning)\.[a-z_.]*)(\\\([a-zA-Z.$0-9]+\))?"/
            for match in source.matches(of: literal) {
                found += 1
                let key = String(match.1)
                let dynamic = match.2 != nil
                let there = keys.contains { $0 == key || $0 == "\(key).one" || dynamic && $0.hasPrefix(key) }
                #expect(there, "\(file.lastPathComponent): \(key)")
            }
        }
        #expect(found > 60)
    }

    @Test func bothLanguagesHaveTheSameKeys() {
        #expect(Texts.keys(.en) == Texts.keys(.de))
        #expect(Texts.keys(.en).count > 200)
    }

    @Test func everyWordOfAClosedSetHasItsText() {
        for part in Part.everyone { #expect(!Texts(.de)("part.\(part.key)").isEmpty) }
        for problem in Problem.everyone { #expect(!Texts(.de)("problem.\(problem.key)").isEmpty) }
        for warning in Warning.everyone { #expect(!Texts(.de)("warning.\(warning.key)").isEmpty) }
    }

    @Test func pluralsAndPlaceholders() {
        let (en, de) = (Texts(.en), Texts(.de))
        #expect(en("lock.wait", count: 1) == "Wait one second.")
        #expect(en("lock.wait", count: 30) == "Wait 30 seconds.")
        #expect(de("lock.wait", count: 0).contains("0"))
        #expect(en("lock.ask", ["issuer": "{serial} & {issuer}"]).contains("{serial} & {issuer}"))
        #expect(en("codes.remove.question", ["name": "A"]).contains("“A”"))
    }
}

private struct Row: Decodable {
    let error: Flat
    let en: String
    let de: String
}
