// A server that gives one answer to everybody, and remembers what it was asked.
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

final class TinyServer: Sendable {
    private let socketNumber: Int32
    private let requests = Requests()
    let url: String

    /// An empty answer is none: the connection stays open and mute.
    init(_ answer: @escaping @Sendable (String) -> String) throws {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        socketNumber = listener
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        let (url, requests) = (url, requests)
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                var bytes = [UInt8](repeating: 0, count: 8_192)
                var text = ""
                while !Self.isWhole(text) {
                    let count = recv(connection, &bytes, bytes.count, 0)
                    guard count > 0 else { break }
                    text += String(decoding: bytes.prefix(count), as: UTF8.self)
                }
                requests.add(text)
                let reply = answer(url)
                guard !reply.isEmpty else { continue }
                _ = reply.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                // A cut answer stays open: what is missing may still come.
                if reply.contains("500\r\n\r\nx") && reply.utf8.count < 100 { continue }
                close(connection)
            }
        }
    }

    deinit {
        shutdown(socketNumber, Int32(SHUT_RDWR))
        close(socketNumber)
    }

    var seen: [String] { requests.all }

    private static func isWhole(_ text: String) -> Bool {
        // Not HTTP at all, such as the first bytes of TLS.
        if let first = text.first, !"GP".contains(first) { return true }
        guard let head = text.range(of: "\r\n\r\n") else { return false }
        return text.hasPrefix("GET") || text.hasSuffix("ping") || text[head.upperBound...].utf8.count >= 4
            || !text.hasPrefix("POST")
    }
}

private final class Requests: @unchecked Sendable {
    private let mutex = NSLock()
    private var texts: [String] = []

    var all: [String] { mutex.withLock { texts } }
    func add(_ text: String) { mutex.withLock { texts.append(text) } }
}
