import Foundation
import SoftToken

/// One line of the list of codes.
public struct CodeRow: Identifiable, Equatable, Sendable {
    public let id: IdentityId
    public let name: String
    public let issuer: String
    public let account: String
    /// The code in groups, for the screen; nil where it has to be asked for, or there is none.
    public let code: SecretText?
    /// When the code is good, where time decides.
    public let validity: Range<Date>?
    /// How the codes are made: a counter and challenges need a button.
    public let kind: CodeKind?
    /// A word on weak or legacy codes.
    public let badge: String?
    /// Why there is no code.
    public let state: String?

    /// The bare digits, for the clipboard.
    let digits: SecretText?

    init(_ one: IdentityView, _ code: CodeView?, _ texts: Texts) {
        (id, name, issuer, account, kind) = (one.id, one.name, one.issuer, one.account, one.kind)
        digits = code?.code
        self.code = code?.code.map { SecretText(grouped($0.text)) }
        validity = code?.validity
        badge = one.badge.map { texts("codes.badge.\($0.key)") }
        state =
            switch (one.state, one.stopped?.why) {
            case (_, .disabled?): texts("codes.disabled")
            case (_, .deleted?), (_, .replaced?): texts("codes.ended")
            case (.active, nil): nil
            case (.pending, nil): texts("codes.pending")
            case (.needsUnlockCode, nil): texts("codes.needs_unlock_code")
            }
    }

    /// Whether a search finds it.
    func matches(_ search: String) -> Bool {
        search.isEmpty || [name, issuer, account].contains { $0.localizedCaseInsensitiveContains(search) }
    }
}

/// Six digits as 3+3, eight as 4+4, others in threes from the left; what has no digits only stays.
func grouped(_ code: String) -> String {
    guard code.allSatisfy(\.isNumber), code.count > 4 else { return code }
    let size = code.count == 8 ? 4 : 3
    var groups: [Substring] = []
    var rest = code[...]
    while !rest.isEmpty {
        groups.append(rest.prefix(size))
        rest = rest.dropFirst(size)
    }
    return groups.joined(separator: " ")
}
