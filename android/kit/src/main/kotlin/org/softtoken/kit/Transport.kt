package org.softtoken.kit

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.NoRouteToHostException
import java.net.SocketTimeoutException
import java.net.URI
import java.net.UnknownHostException
import java.time.Duration
import javax.net.ssl.SSLException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.softtoken.HttpProblem
import org.softtoken.HttpRequest
import org.softtoken.contentType
import org.softtoken.method

/** What came of a request: an answer of whatever status, or the reason why there is none. */
sealed interface HttpOutcome

/** An answer; which statuses are good is the core's to say. */
class HttpReply(val status: UShort, val body: ByteArray) : HttpOutcome {
    override fun toString(): String = "HttpReply($status, ${body.size} bytes)"
}

/** No answer that could be given to the core. */
data class HttpTrouble(val problem: HttpProblem) : HttpOutcome

/**
 * Carries the requests of the core as they are: no redirect is followed, no cookie sent or kept, nothing cached,
 * nothing sent twice. Whom to trust beyond TLS is the core's business; it seals what must be secret.
 */
fun interface Transport {
    suspend fun send(request: HttpRequest): HttpOutcome
}

/**
 * [Transport] over [HttpURLConnection], which Android and every JVM have.
 *
 * Plain `http` goes to this device only (a reference issuer on the developer's machine). [prepare] is the place for
 * a pinned certificate, a proxy's header, or a user agent. An app that has set a process-wide `CookieHandler` gives
 * this transport its cookies as well: do not.
 */
class HttpTransport(
    private val limit: Duration = Duration.ofSeconds(30),
    private val io: CoroutineDispatcher = Dispatchers.IO,
    private val prepare: (HttpURLConnection) -> Unit = {},
) : Transport {
    override suspend fun send(request: HttpRequest): HttpOutcome {
        val connection = try {
            opened(request)
        } catch (_: IOException) {
            null
        } ?: return HttpTrouble(HttpProblem.TLS)
        // On `io` also for its clock: a test's virtual time must not end a real request.
        val outcome = withContext(io) {
            withTimeoutOrNull(limit.toMillis()) {
                // A blocked read ends only when the connection is closed under it.
                val closer = launch { try { awaitCancellation() } finally { connection.disconnect() } }
                runInterruptible { carried(connection, request) }.also { closer.cancel() }
            }
        }
        return outcome ?: HttpTrouble(HttpProblem.TIMEOUT)
    }

    /** Null for an address that is not to be asked in the clear, or that is none. */
    private fun opened(request: HttpRequest): HttpURLConnection? {
        val url = try {
            URI(request.url)
        } catch (_: java.net.URISyntaxException) {
            return null
        }
        val allowed = when (url.scheme?.lowercase()) {
            "https" -> true
            "http" -> isThisDevice(url.host ?: return null)
            else -> false
        }
        if (!allowed) return null
        val connection = url.toURL().openConnection() as HttpURLConnection
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.connectTimeout = limit.toMillis().toInt()
        connection.readTimeout = limit.toMillis().toInt()
        connection.requestMethod = request.kind.method
        connection.setRequestProperty("Accept-Encoding", "identity")
        request.kind.contentType?.let {
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", it)
            // A request of fixed length is streamed, and what is streamed is never sent again by the platform.
            connection.setFixedLengthStreamingMode(request.body.size)
        }
        prepare(connection)
        return connection
    }

    private fun carried(connection: HttpURLConnection, request: HttpRequest): HttpOutcome = try {
        connection.connect()
        if (connection.doOutput) connection.outputStream.use { it.write(request.body) }
        answered(connection, request.maxReply.toInt())
    } catch (_: SSLException) {
        HttpTrouble(HttpProblem.TLS)
    } catch (_: SocketTimeoutException) {
        HttpTrouble(HttpProblem.TIMEOUT)
    } catch (_: ConnectException) {
        HttpTrouble(HttpProblem.NO_NETWORK)
    } catch (_: NoRouteToHostException) {
        HttpTrouble(HttpProblem.NO_NETWORK)
    } catch (_: UnknownHostException) {
        HttpTrouble(HttpProblem.NO_NETWORK)
    } catch (_: IOException) {
        // Connected, and no complete answer.
        HttpTrouble(HttpProblem.TIMEOUT)
    } finally {
        connection.disconnect()
    }

    private fun answered(connection: HttpURLConnection, most: Int): HttpOutcome {
        val status = connection.responseCode
        if (status !in 100..599) throw IOException("no HTTP")
        val announced = connection.contentLengthLong
        if (announced > most) return HttpTrouble(HttpProblem.TOO_LARGE)
        val stream = if (status >= BAD_REQUEST) connection.errorStream else connection.inputStream
        val body = stream?.use { read(it, most + 1) } ?: ByteArray(0)
        return when {
            body.size > most -> HttpTrouble(HttpProblem.TOO_LARGE)
            announced >= 0 && body.size < announced -> HttpTrouble(HttpProblem.TIMEOUT)
            else -> HttpReply(status.toUShort(), body)
        }
    }

    /** `InputStream.readNBytes`, which Android has from API 33 on only. */
    private fun read(stream: InputStream, most: Int): ByteArray {
        val (all, piece) = Pair(ByteArrayOutputStream(), ByteArray(PIECE))
        while (all.size() < most) {
            val count = stream.read(piece, 0, minOf(piece.size, most - all.size()))
            if (count < 0) break
            all.write(piece, 0, count)
        }
        return all.toByteArray()
    }

    private fun isThisDevice(host: String): Boolean {
        val name = host.removeSurrounding("[", "]")
        if (name.equals("localhost", ignoreCase = true)) return true
        // Digits and colons only: nothing is looked up.
        val literal = name.all { it.isDigit() || it == '.' } || name.contains(':')
        return literal && try {
            InetAddress.getByName(name).isLoopbackAddress
        } catch (_: UnknownHostException) {
            false
        }
    }
}

private const val BAD_REQUEST = 400
private const val PIECE = 4096
