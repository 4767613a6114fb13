package org.softtoken.kit

import java.nio.file.Files
import java.time.Duration
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import org.softtoken.Hooks
import org.softtoken.HttpRequest
import org.softtoken.LogEvent
import org.softtoken.OpenConfig
import org.softtoken.SoftToken
import org.softtoken.ActivationSource
import org.softtoken.ActivationInput
import org.softtoken.ActivationState
import org.softtoken.activationOptions
import org.softtoken.journeys.FakeClock
import org.softtoken.journeys.FakeKeys
import org.softtoken.journeys.LogSinkOf
import org.softtoken.journeys.hooks
import org.softtoken.lend
import org.softtoken.secret

/** A real token in a folder of its own, and everything around it that tests steer. */
class World : AutoCloseable {
    val folder = Files.createTempDirectory("kit")
    val clock = FakeClock(START)
    val keys = FakeKeys()
    val log = ArrayList<LogEvent>()
    val hooks: Hooks = hooks(clock, keys, LogSinkOf { _, event -> log.add(event) })
    val core = CoreThread()
    val texts = Texts.load(java.util.Locale.ENGLISH)
    val opened = ArrayList<String>()
    val browser = Browser { opened.add(it) }
    var token: SoftToken = SoftToken.open(OpenConfig(folder.toString()), hooks)

    /** What the process finds when it starts again. */
    fun restart() {
        token.close()
        token = SoftToken.open(OpenConfig(folder.toString()), hooks)
    }

    fun setPin(pin: String = PIN) = pin.toByteArray().lend(token::setPin)

    fun unlock(pin: String = PIN) = pin.toByteArray().lend(token::unlock)

    /** Adds an identity from an account link; its id. */
    fun add(text: String = LINK, name: String? = null): String {
        token.beginActivation(ActivationSource.Text(text.secret()), activationOptions()).use { activation ->
            val done = activation.advance(activation.step().ticket, ActivationInput.Consent(name))
            return (done.state as ActivationState.Done).added.single()
        }
    }

    fun millis() = clock.wall * 1000

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        token.close()
        folder.deleteRecursively()
    }

    companion object {
        const val START = 1_790_000_000L
        const val PIN = "7294"
        const val SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        const val LINK = "otpauth://totp/Example:anna?secret=$SEED&digits=8"
        const val COUNTED = "otpauth://hotp/Example:count?secret=$SEED&counter=0"

        /** An order of the profile, for an issuer that only a fake transport plays. */
        fun order(): String = checkNotNull(World::class.java.getResource("/order-link.txt")).readText().trim()
    }
}

/** Waits without time passing, but for the token's clock; stops a loop after [most] waits. */
class FakeSleeper(private val world: World, private val most: Int = Int.MAX_VALUE) : Sleeper {
    val waits = ArrayList<Duration>()

    override suspend fun sleep(time: Duration) {
        waits.add(time)
        if (waits.size > most) kotlinx.coroutines.awaitCancellation()
        world.clock.pass(time.toSeconds())
        kotlinx.coroutines.yield()
    }
}

/** Answers requests from a list, and remembers them. */
class FakeTransport(private val answer: suspend (HttpRequest) -> HttpOutcome) : Transport {
    val requests = ArrayList<HttpRequest>()

    override suspend fun send(request: HttpRequest): HttpOutcome {
        requests.add(request)
        return answer(request)
    }
}
