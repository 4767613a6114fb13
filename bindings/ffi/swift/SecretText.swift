/// A text that must not be printed: a code, a link, a typed secret.
///
/// Part of the bindings: the generated structures hold it wherever the library says `SecretText`, so that
/// neither `String(describing:)` nor `dump` nor a log line shows what is inside. `text` is for the screen.
public struct SecretText: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The text, for the screen.
    public let text: String

    /// Wraps `text`.
    public init(_ text: String) {
        self.text = text
    }

    /// Says nothing of the text.
    public var description: String { "SecretText" }

    /// Says nothing of the text.
    public var debugDescription: String { "SecretText" }

    /// No children: reflection sees no text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
