import Foundation
import SoftToken

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// ``Transport`` on URLSession: one session a request, without redirects, cookies, cache or credentials.
///
/// Plain http goes to this machine only. No more than `maxReply` bytes of an answer are taken.
public struct UrlSessionTransport: Transport {
    /// How long one request may take, in seconds.
    public let limit: TimeInterval

    public init(limit: TimeInterval = 30) {
        self.limit = limit
    }

    public func send(_ request: HttpRequest) async throws(HttpProblem) -> HttpReply {
        guard let url = URL(string: request.url), Self.mayCarry(url) else { throw .noNetwork }
        var out = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: limit)
        switch request.kind {
        case .card: out.httpMethod = "GET"
        case .open, .sealed:
            out.httpMethod = "POST"
            out.httpBody = request.body
            out.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        }
        let exchange = OneExchange(atMost: Int(request.maxReply))
        let session = URLSession(configuration: configuration, delegate: exchange, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let task = session.dataTask(with: out)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in exchange.start(task, continuation) }
        } onCancel: {
            task.cancel()
        }
        return try result.get()
    }

    /// https everywhere, http to this machine.
    static func mayCarry(_ url: URL) -> Bool {
        switch url.scheme?.lowercased() {
        case "https": url.host != nil
        case "http": ["127.0.0.1", "::1", "[::1]", "localhost"].contains(url.host)
        default: false
        }
    }

    private var configuration: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.timeoutIntervalForRequest = limit
        configuration.timeoutIntervalForResource = limit
        return configuration
    }
}

/// The life of one request. URLSession calls it on its own serial queue.
private final class OneExchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    typealias Outcome = Result<HttpReply, HttpProblem>

    private let atMost: Int
    private let mutex = NSLock()
    private var body = Data()
    private var tooLarge = false
    private var waiting: CheckedContinuation<Outcome, Never>?

    init(atMost: Int) {
        self.atMost = atMost
    }

    func start(_ task: URLSessionDataTask, _ continuation: CheckedContinuation<Outcome, Never>) {
        mutex.withLock { waiting = continuation }
        task.resume()
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let stop = mutex.withLock {
            tooLarge = tooLarge || body.count + data.count > atMost
            if !tooLarge { body.append(data) }
            return tooLarge
        }
        if stop { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        mutex.withLock {
            waiting?.resume(returning: outcome(task, error))
            waiting = nil
        }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    private func outcome(_ task: URLSessionTask, _ error: (any Error)?) -> Outcome {
        let response = task.response as? HTTPURLResponse
        let secure = task.originalRequest?.url?.scheme == "https"
        if tooLarge { return .failure(.tooLarge) }
        guard let response, error == nil else { return .failure(Self.problem(error, secure: secure)) }
        return .success(HttpReply(status: UInt16(clamping: response.statusCode), body: body))
    }

    private static func problem(_ error: (any Error)?, secure: Bool) -> HttpProblem {
        switch (error as? URLError)?.code {
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateHasUnknownRoot,
            .serverCertificateNotYetValid, .serverCertificateUntrusted, .clientCertificateRejected,
            .clientCertificateRequired, .appTransportSecurityRequiresSecureConnection:
            .tls
        case .timedOut, .networkConnectionLost, .badServerResponse, .cannotParseResponse: .timeout
        case .dataLengthExceedsMaximum: .tooLarge
        // Linux has no code of its own for what fails before the first byte of HTTP over TLS.
        case .unknown where secure: .tls
        default: .noNetwork
        }
    }
}
