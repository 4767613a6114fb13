// The runner's two connections: to the stand, and from a device to whatever address a request names.
import Foundation
import SoftToken

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The running stand. It ends with its standard input, that is with this process.
final class Stand: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let address: String

    init(program: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Wrong("the stand ended") }
            line += more
        }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "stand" else { throw Wrong("the stand did not say where it is") }
        address = String(words[1])
    }

    /// One control call.
    func call(_ call: Json) throws -> Json {
        var request = URLRequest(url: URL(string: "\(address)/control")!)
        request.httpMethod = "POST"
        request.httpBody = try JSONSerialization.data(withJSONObject: call.plain)
        guard case .success(let reply) = exchange(request) else { throw Wrong("the stand does not answer") }
        let answer = try Json(parsing: reply.body)
        guard reply.status == 200 else { throw Wrong("the stand: \(answer.written)") }
        return answer
    }
}

typealias Carried = Result<(status: UInt16, body: Data), HttpProblem>

/// Carries one request of a device.
func carry(_ request: HttpRequest) -> Carried {
    guard let url = URL(string: request.url) else { return .failure(.noNetwork) }
    var out = URLRequest(url: url)
    switch request.kind {
    case .card: out.httpMethod = "GET"
    case .open, .sealed:
        out.httpMethod = "POST"
        out.httpBody = request.body
        out.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
    }
    let reply = exchange(out)
    if case .success(let reply) = reply, reply.body.count > Int(request.maxReply) {
        return .failure(.tooLarge)
    }
    return reply
}

private func exchange(_ request: URLRequest) -> Carried {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    configuration.timeoutIntervalForRequest = 60
    let session = URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    let done = DispatchSemaphore(value: 0)
    let box = Box()
    session.dataTask(with: request) { body, response, error in
        let refused = [.cannotConnectToHost, .cannotFindHost].contains((error as? URLError)?.code)
        if let response = response as? HTTPURLResponse, error == nil {
            box.carried = .success((UInt16(response.statusCode), body ?? Data()))
        } else {
            box.carried = .failure(refused ? .noNetwork : .timeout)
        }
        done.signal()
    }.resume()
    done.wait()
    return box.carried
}

/// Written before the semaphore is signalled, and read after it was waited for.
private final class Box: @unchecked Sendable {
    var carried = Carried.failure(.timeout)
}

private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
