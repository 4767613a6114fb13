import Foundation
import SoftToken

/// What an issuer's server answered.
public struct HttpReply: Sendable, Equatable {
    /// The HTTP status.
    public let status: UInt16
    /// The body, at most `maxReply` bytes of the request.
    public let body: Data

    public init(status: UInt16, body: Data) {
        (self.status, self.body) = (status, body)
    }
}

/// Carries one request to the issuer. ``UrlSessionTransport`` is the default.
public protocol Transport: Sendable {
    /// Sends `request` and gives the answer, whatever its status; redirects are not followed.
    func send(_ request: HttpRequest) async throws(HttpProblem) -> HttpReply
}

/// Opens the system's own browser. The app feeds what comes back to ``AppModel/browserReturned(_:)``.
public protocol Browser: Sendable {
    /// Shows `url`; a link that begins like `callback` ends it.
    @MainActor func open(_ url: URL, callback: String)
}

/// Waits, unless its task is cancelled. Tests give one that does not.
public protocol Sleeper: Sendable {
    func sleep(seconds: TimeInterval) async throws
}

/// Sleeps by the clock of the device.
public struct DeviceSleeper: Sleeper {
    public init() {}

    public func sleep(seconds: TimeInterval) async throws {
        try await Task.sleep(nanoseconds: UInt64(max(0, min(seconds, 86_400)) * 1_000_000_000))
    }
}

/// What the models need of the platform.
public struct Ports: Sendable {
    public var transport: any Transport
    public var browser: any Browser
    public var sleeper: any Sleeper
    /// The wall clock, the same that the library's hook reads.
    public var now: @Sendable () -> Date
    /// The language of everything that is shown.
    public var texts: Texts

    public init(
        transport: any Transport = UrlSessionTransport(), browser: any Browser,
        sleeper: any Sleeper = DeviceSleeper(), now: @escaping @Sendable () -> Date = { Date() },
        texts: Texts = Texts()
    ) {
        (self.transport, self.browser, self.sleeper) = (transport, browser, sleeper)
        (self.now, self.texts) = (now, texts)
    }
}
