package org.softtoken.kit

import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.SSLServerSocketFactory
import kotlin.concurrent.thread
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.softtoken.HttpKind
import org.softtoken.HttpProblem
import org.softtoken.HttpRequest

class TransportTest {
    private val here = InetAddress.getLoopbackAddress()
    private val server = HttpServer.create(InetSocketAddress(here, 0), 0).apply { start() }
    private val asked = AtomicInteger()
    private val transport = HttpTransport(Duration.ofMillis(1500))

    @AfterEach
    fun end() = server.stop(0)

    private fun request(url: String, kind: HttpKind = HttpKind.OPEN, most: UInt = 16u) =
        HttpRequest(kind, url, "question".toByteArray(), most)

    /** The server answers so at a new path; its address. */
    private fun answers(status: Int, body: String, vararg headers: Pair<String, String>): String {
        val path = "/${asked.incrementAndGet()}"
        server.createContext(path) { exchange ->
            seen = exchange.requestMethod to exchange.requestHeaders.toMap()
            question = exchange.requestBody.readBytes().decodeToString()
            headers.forEach { (name, value) -> exchange.responseHeaders.add(name, value) }
            exchange.sendResponseHeaders(status, body.length.toLong().let { if (it == 0L) -1 else it })
            exchange.responseBody.use { it.write(body.toByteArray()) }
        }
        return "http://127.0.0.1:${server.address.port}$path"
    }

    private lateinit var seen: Pair<String, Map<String, List<String>>>
    private lateinit var question: String

    /** A server that is no HTTP server: gets the socket, and how often it was asked. */
    private fun raw(act: (java.net.Socket) -> Unit): Pair<String, AtomicInteger> {
        val (socket, times) = ServerSocket(0, 5, here) to AtomicInteger()
        thread(isDaemon = true) {
            while (true) socket.accept().use {
                times.incrementAndGet()
                act(it)
            }
        }
        return "http://127.0.0.1:${socket.localPort}/" to times
    }

    private fun problem(outcome: HttpOutcome) = (outcome as HttpTrouble).problem

    @Test
    fun `method, type and body are the kind's`() = runTest {
        val url = answers(200, "answer")
        val reply = transport.send(request(url)) as HttpReply
        assertEquals(200.toUShort() to "answer", reply.status to reply.body.decodeToString())
        assertEquals("POST", seen.first)
        assertEquals(listOf("application/octet-stream"), seen.second["Content-type"])
        assertEquals("question", question)
        transport.send(request(url, HttpKind.CARD))
        assertEquals("GET" to "", seen.first to question)
    }

    @Test
    fun `any status is an answer, and no redirect is followed`() = runTest {
        val elsewhere = answers(200, "elsewhere")
        for (status in listOf(302, 307, 404, 500)) {
            val reply = transport.send(request(answers(status, "no", "Location" to elsewhere))) as HttpReply
            assertEquals(status.toUShort() to "no", reply.status to reply.body.decodeToString())
        }
        assertTrue((transport.send(request(answers(204, ""))) as HttpReply).body.isEmpty())
    }

    @Test
    fun `no cookie is kept`() = runTest {
        val url = answers(200, "a", "Set-Cookie" to "a=b")
        repeat(2) { transport.send(request(url)) }
        assertEquals(null, seen.second["Cookie"])
    }

    @Test
    fun `an answer above the limit is too large, announced or not`() = runTest {
        assertTrue(transport.send(request(answers(200, "a".repeat(16)))) is HttpReply)
        assertEquals(HttpProblem.TOO_LARGE, problem(transport.send(request(answers(200, "a".repeat(17))))))
        val (url, _) = raw {
            it.getInputStream().read(ByteArray(4096))
            it.getOutputStream().write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${"a".repeat(40)}".toByteArray())
        }
        assertEquals(HttpProblem.TOO_LARGE, problem(transport.send(request(url))))
    }

    @Test
    fun `an answer that breaks off is none, and is not asked for again`() = runTest {
        val (silent, times) = raw { it.getInputStream().read(ByteArray(4096)) }
        assertEquals(HttpProblem.TIMEOUT, problem(transport.send(request(silent))))
        assertEquals(1, times.get())
        val (half, _) = raw {
            it.getInputStream().read(ByteArray(4096))
            it.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".toByteArray())
        }
        assertEquals(HttpProblem.TIMEOUT, problem(transport.send(request(half))))
    }

    @Test
    fun `who does not answer in time is a timeout, and nobody there is no network`() = runTest {
        val (slow, _) = raw { Thread.sleep(10_000) }
        assertEquals(HttpProblem.TIMEOUT, problem(transport.send(request(slow))))
        val free = ServerSocket(0, 1, here).use { it.localPort }
        assertEquals(HttpProblem.NO_NETWORK, problem(transport.send(request("http://127.0.0.1:$free/"))))
        assertEquals(HttpProblem.NO_NETWORK, problem(transport.send(request("https://issuer.invalid/"))))
    }

    @Test
    fun `nothing goes in the clear to another machine, and no other scheme is opened`() = runTest {
        for (url in listOf("http://192.0.2.1/", "http://localhost.example/", "file:///etc/passwd", "ftp://a/", "x", "http://")) {
            assertEquals(HttpProblem.TLS, problem(transport.send(request(url))), url)
        }
        assertTrue(transport.send(request(answers(200, "a").replace("127.0.0.1", "localhost"))) is HttpReply)
    }

    @Test
    fun `a certificate that nobody vouches for is no connection`() = runTest {
        val (plain, _) = raw { it.getOutputStream().write("no TLS at all, as it seems\n".toByteArray()) }
        assertEquals(HttpProblem.TLS, problem(transport.send(request(plain.replace("http:", "https:")))))
        // A server without any certificate cannot shake hands either.
        val socket = SSLServerSocketFactory.getDefault().createServerSocket(0, 5, here)
        thread(isDaemon = true) { runCatching { socket.accept().use { it.getInputStream().read() } } }
        assertEquals(HttpProblem.TLS, problem(transport.send(request("https://127.0.0.1:${socket.localPort}/"))))
    }

    @Test
    fun `a cancelled request is closed at once`() = runBlocking {
        val (slow, _) = raw { Thread.sleep(10_000) }
        val patient = HttpTransport(Duration.ofSeconds(30))
        val job = launch(kotlinx.coroutines.Dispatchers.Default) { patient.send(request(slow)) }
        kotlinx.coroutines.delay(300)
        val began = System.nanoTime()
        job.cancel()
        job.join()
        assertTrue(System.nanoTime() - began < 3_000_000_000)
    }
}
