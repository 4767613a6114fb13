package org.softtoken.journeys

import java.nio.file.Files
import java.nio.file.Path
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlinx.serialization.json.JsonElement
import org.softtoken.*

/** A clock that a test moves. */
class FakeClock(var wall: Long) : Clock {
    var millis = 0L
    var boot = 1uL

    fun pass(seconds: Long) {
        wall += seconds
        millis += seconds * 1000
    }

    /** The user sets the time. */
    fun jump(seconds: Long) {
        wall = (wall + seconds).coerceAtLeast(0)
    }

    fun reboot() {
        boot++
        millis = 0
    }

    override fun now(): UnixTime = wall.toULong()

    override fun elapsed() = Elapsed(boot, millis.toULong())
}

/** HMAC-SHA256 under random keys in memory. */
class FakeKeys : DeviceKey {
    val keys = HashMap<String, ByteArray>()
    private var failNext: HookException? = null

    /** The next call fails so. */
    fun failOnce(error: HookException) {
        failNext = error
    }

    private fun answer() {
        val error = failNext ?: return
        failNext = null
        throw error
    }

    override fun caps(): DeviceKeyCaps {
        answer()
        return DeviceKeyCaps(AssuranceLevel.SOFTWARE, DeviceKeyKind.HMAC_SHA256, false, KeyStore.FILES)
    }

    override fun create(alias: String) {
        answer()
        if (alias in keys) throw HookException.Unsupported()
        keys[alias] = ByteArray(32).also(java.security.SecureRandom()::nextBytes)
    }

    override fun createBiometric(alias: String) = create(alias)

    override fun eval(alias: String, input: ByteArray): ByteArray {
        answer()
        val key = keys[alias] ?: throw HookException.Lost()
        return Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(key, "HmacSHA256")) }.doFinal(input)
    }

    override fun delete(alias: String) {
        answer()
        keys.remove(alias)
    }

    override fun list(vault: String): List<String> {
        answer()
        return keys.keys.filter { it.startsWith("$vault/") }.sorted()
    }
}

/** Hooks over these stand-ins. */
fun hooks(clock: Clock, keys: DeviceKey, log: LogSink = LogSinkOf { _, _ -> }) = Hooks(
    clock,
    keys,
    object : DeviceSignals {
        override fun label() = "test device"
    },
    log,
)

/** A log as a function. */
class LogSinkOf(private val take: (LogLevel, LogEvent) -> Unit) : LogSink {
    override fun log(level: LogLevel, event: LogEvent) = take(level, event)
}

/** One device of a journey: its folder, clock and keys outlive the process that a `kill` ends. */
class Device(clock: Long) : AutoCloseable {
    val folder: Path = Files.createTempDirectory("journey")
    val clock = FakeClock(clock)
    val keys = FakeKeys()
    private var opened: SoftToken? = null
    private var activation: Activation? = null
    private var contact: IssuerContact? = null
    var ticket: Ticket = 0u
        private set
    private var old: Ticket? = null
    private var forced: Ticket? = null
    private var replied: Pair<Ticket, org.softtoken.kit.HttpReply>? = null

    val token: SoftToken get() = opened ?: throw Wrong("no token is open")

    fun openedAt(path: Path): SoftToken = SoftToken.open(OpenConfig(path.toString()), hooks(clock, keys))

    fun open() {
        end()
        opened = openedAt(folder)
    }

    /** Drops every handle, and nothing else: what the end of the process does. */
    fun end() {
        drop()
        opened?.close()
        opened = null
        old = null
        replied = null
    }

    /** A handle that is not closed keeps the vault open. */
    private fun drop() {
        activation?.close()
        contact?.close()
        activation = null
        contact = null
    }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        end()
        folder.deleteRecursively()
    }

    /** The next answer comes with the ticket before the present one. */
    fun beStale() = repeat(old ?: throw Wrong("there was no ticket before"))

    /** The next answer comes with this ticket. */
    fun repeat(ticket: Ticket) {
        forced = ticket
    }

    fun talkTo(begun: Activation): JsonElement {
        val step = begun.step()
        drop()
        activation = begun
        return begunAt(step.ticket, view(step.state))
    }

    fun talkTo(begun: IssuerContact): JsonElement {
        val step = begun.step()
        drop()
        contact = begun
        return begunAt(step.ticket, view(step.state))
    }

    fun step(): JsonElement =
        activation?.step()?.let { view(it.state) } ?: contact?.step()?.let { view(it.state) } ?: throw nobody()

    fun answer(input: ActivationInput): JsonElement = answer { activation, ticket -> activation.advance(ticket, input) }

    fun password(text: String): JsonElement = answer { activation, ticket ->
        text.toByteArray().lend { activation.supplyPassword(ticket, it) }
    }

    private fun answer(give: (Activation, Ticket) -> ActivationStep): JsonElement {
        val step = give(activation ?: throw nobody(), presented())
        return moved(step.ticket, view(step.state))
    }

    private fun answer(input: ContactInput): JsonElement {
        val step = (contact ?: throw nobody()).advance(presented(), input)
        return moved(step.ticket, view(step.state))
    }

    fun retry(): JsonElement =
        if (activation != null) answer(ActivationInput.Retry) else answer(ContactInput.Retry)

    /** The request that waits to be carried, if there is one. */
    fun request(): HttpRequest? = (activation?.step()?.state as? ActivationState.Exchange)?.request
        ?: (contact?.step()?.state as? ContactState.Exchange)?.request

    /** What came of a request. */
    fun replied(outcome: org.softtoken.kit.HttpOutcome): JsonElement = when (outcome) {
        is org.softtoken.kit.HttpReply -> {
            replied = (forced ?: ticket) to outcome
            val (status, body) = outcome.status to outcome.body
            if (activation != null) answer(ActivationInput.Http(status, body)) else answer(ContactInput.Http(status, body))
        }
        is org.softtoken.kit.HttpTrouble -> {
            val problem = outcome.problem
            if (activation != null) answer(ActivationInput.HttpProblem(problem)) else answer(ContactInput.HttpProblem(problem))
        }
    }

    /** The latest reply once more, with the ticket that it had. */
    fun replyAgain(): JsonElement {
        val (ticket, reply) = replied ?: throw Wrong("there was no reply")
        repeat(ticket)
        return replied(reply)
    }

    private fun presented(): Ticket = (forced ?: ticket).also { forced = null }

    private fun begunAt(new: Ticket, state: JsonElement): JsonElement {
        ticket = new
        old = null
        return state
    }

    private fun moved(new: Ticket, state: JsonElement): JsonElement {
        old = ticket
        ticket = new
        return state
    }

    private fun nobody() = Wrong("nothing of this kind was begun")
}
