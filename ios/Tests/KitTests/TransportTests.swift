// The default transport against a server of a few lines on this machine.
import Foundation
import SoftToken
import Testing

@testable import SoftTokenKit

@Suite struct TransportTests {
    private func send(_ kind: HttpKind, _ url: String, limit: TimeInterval = 5) async -> Result<
        HttpReply, HttpProblem
    > {
        let request = HttpRequest(kind: kind, url: url, body: Data("ping".utf8), maxReply: 1_000)
        do {
            return .success(try await UrlSessionTransport(limit: limit).send(request))
        } catch {
            return .failure(error)
        }
    }

    @Test func methodTypeAndBodyAreThoseOfTheKind() async throws {
        let server = try TinyServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong" }
        #expect(await send(.sealed, server.url) == .success(HttpReply(status: 200, body: Data("pong".utf8))))
        #expect(await send(.card, server.url) == .success(HttpReply(status: 200, body: Data("pong".utf8))))
        let seen = server.seen
        #expect(seen[0].hasPrefix("POST / ") && seen[0].hasSuffix("\r\n\r\nping"))
        #expect(seen[0].lowercased().contains("content-type: application/octet-stream"))
        #expect(seen[1].hasPrefix("GET / ") && !seen[1].contains("ping"))
    }

    @Test func redirectsAreNotFollowedAndCookiesNotKept() async throws {
        let server = try TinyServer { url in
            "HTTP/1.1 302 Found\r\nLocation: \(url)/other\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
        }
        #expect(try await send(.open, server.url).get().status == 302)
        #expect(try await send(.open, server.url).get().status == 302)
        #expect(server.seen.count == 2)
        #expect(!server.seen.contains { $0.lowercased().contains("cookie") })
    }

    @Test func aLongAnswerAndOneThatNeverEndsAreTyped() async throws {
        let long = try TinyServer { _ in
            "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + String(repeating: "x", count: 5_000)
        }
        #expect(await send(.open, long.url) == .failure(.tooLarge))
        let cut = try TinyServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nx" }
        #expect(await send(.open, cut.url, limit: 1) == .failure(.timeout))
        let mute = try TinyServer { _ in "" }
        #expect(await send(.open, mute.url, limit: 1) == .failure(.timeout))
    }

    @Test func nobodyThereIsNoNetworkAndPlainHttpStaysHere() async throws {
        #expect(await send(.card, "http://127.0.0.1:1/") == .failure(.noNetwork))
        #expect(await send(.card, "http://idp.example.test/") == .failure(.noNetwork))
        for (url, may) in [
            ("https://idp.example.test/", true), ("http://localhost:1/", true), ("http://127.0.0.1/", true),
            ("http://127.0.0.1.example.test/", false), ("ftp://localhost/", false),
            ("file:///etc/passwd", false),
        ] {
            #expect(UrlSessionTransport.mayCarry(try #require(URL(string: url))) == may, "\(url)")
        }
    }

    @Test func aCertificateThatNobodySignedIsTls() async throws {
        // Plain text where TLS is expected is no secure connection either.
        let server = try TinyServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }
        let url = server.url.replacing("http:", with: "https:")
        #expect(await send(.card, url, limit: 2) == .failure(.tls))
    }
}
