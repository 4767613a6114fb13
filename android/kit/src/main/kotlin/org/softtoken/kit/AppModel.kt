package org.softtoken.kit

import java.nio.ByteBuffer
import java.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.softtoken.Activation
import org.softtoken.ActivationSource
import org.softtoken.ScanResult
import org.softtoken.SecretText
import org.softtoken.SoftToken
import org.softtoken.TokenException
import org.softtoken.TokenState
import org.softtoken.activationOptions

/** What a camera frame held. */
sealed interface Seen {
    /** Nothing; go on. */
    data object Nothing : Seen

    /** Several codes, in reading order: ask which, and give its number as `pick`. */
    data class Several(val count: Int) : Seen

    /** An activation: close the camera. */
    data object Started : Seen

    /** A code that starts nothing; the sentence says why. Go on. */
    data class Refused(val sentence: String) : Seen
}

/**
 * The app: which page it shows ([page] is the token's own state), the activation that runs, and when it locks.
 *
 * Links and scanned texts may come at any time: while the vault is locked one is kept and begun after the PIN. While
 * an activation is on the screen another is refused with its sentence in [notice].
 * [monotonic] is a clock in milliseconds that nobody can move.
 */
class AppModel(
    private val token: SoftToken,
    private val scope: CoroutineScope,
    private val core: CoreThread,
    private val texts: Texts,
    private val transport: Transport,
    private val browser: Browser,
    private val sleeper: Sleeper = Sleeper.real,
    private val monotonic: () -> Long = { System.nanoTime() / NANOS },
    millis: () -> Long = System::currentTimeMillis,
) {
    private val mutablePage = MutableStateFlow<TokenState?>(null)
    private val mutableActivation = MutableStateFlow<ActivationModel?>(null)
    private val mutableNotice = MutableStateFlow<String?>(null)
    private var kept: SecretText? = null
    private var touchedAt = monotonic()

    /** The page; null until [start]. */
    val page: StateFlow<TokenState?> = mutablePage.asStateFlow()

    /** The activation on the screen, if there is one. */
    val activation: StateFlow<ActivationModel?> = mutableActivation.asStateFlow()

    /** A sentence to show once; [noticed] takes it away. */
    val notice: StateFlow<String?> = mutableNotice.asStateFlow()

    /** PIN pages. */
    val lock = LockModel(token, core, texts) { opened() }

    /** Codes. */
    val codes = CodeListModel(token, core, texts, millis, sleeper)

    /** Reads what the token needs, and prepares the PIN page for it. */
    suspend fun start() {
        // First what the page shows, then the page.
        lock.start()
        mutablePage.value = core.call { token.state() }
    }

    /** A link that the system gave, or a text that was pasted or scanned. */
    suspend fun incoming(text: SecretText) {
        if (activation.value?.isOver == false) {
            val callback = (activation.value?.view?.value?.state as? org.softtoken.ActivationState.Verify)?.callback
            if (callback != null && text.text.startsWith(callback)) {
                activation.value?.browserReturned()
                return
            }
            mutableNotice.value = texts.text("error.activation_pending")
            return
        }
        when (core.call { token.state() }) {
            is TokenState.Locked, is TokenState.Blocked -> kept = text
            TokenState.Ready, TokenState.Fresh, TokenState.DeviceKeyLost, is TokenState.Damaged -> begin(text)
        }
    }

    /** A frame of the camera or a [still] picture: 8-bit luma in a direct buffer, which is borrowed for the call. */
    suspend fun picture(
        width: Int, height: Int, stride: Int, luma: ByteBuffer, pick: Int? = null, still: Boolean = false,
    ): Seen {
        if (activation.value?.isOver == false) return Seen.Refused(texts.text("error.activation_pending"))
        val seen = try {
            core.call {
                val (w, h, s) = Triple(width.toUInt(), height.toUInt(), stride.toUInt())
                val chosen = pick?.toUInt()
                if (still) token.scanPicture(w, h, s, luma, chosen, activationOptions())
                else token.scanFrame(w, h, s, luma, chosen, activationOptions())
            }
        } catch (error: TokenException) {
            return Seen.Refused(texts.of(error))
        }
        return when (seen) {
            ScanResult.Nothing -> Seen.Nothing
            is ScanResult.Several -> Seen.Several(seen.count.toInt())
            is ScanResult.Started -> Seen.Started.also { show(seen.activation) }
        }
    }

    /** Goes on with the activation of a pending identity. */
    suspend fun resume(id: org.softtoken.IdentityId) = begun { token.resumeActivation(id) }

    /** The page of the activation was left; what is pending stays so. */
    suspend fun leaveActivation() {
        activation.value?.close()
        mutableActivation.value = null
        mutablePage.value = core.call { token.state() }
        codes.refresh()
    }

    /** The notice was read. */
    fun noticed() {
        mutableNotice.value = null
    }

    /** *Lock*. */
    suspend fun lockNow() {
        codes.clear()
        core.call { token.lock() }
        start()
    }

    /** The user has touched the screen. */
    fun touched() {
        touchedAt = monotonic()
    }

    /** The app was hidden: codes are off the screen at once; the lock comes by [watch] or [foreground]. */
    fun background() = codes.clear()

    /** The app is seen again. Locks when its time was over meanwhile. */
    suspend fun foreground() {
        if (!lockWhenDue()) codes.refresh()
    }

    /** Locks whenever nobody has touched the screen for the time that the user chose; runs until cancelled. */
    suspend fun watch() {
        while (true) {
            sleeper.sleep(untilDue().coerceAtLeast(SHORTEST))
            lockWhenDue()
        }
    }

    private suspend fun lockWhenDue(): Boolean {
        if (page.value != TokenState.Ready || untilDue() > Duration.ZERO) return false
        lockNow()
        return true
    }

    private suspend fun untilDue(): Duration {
        val seconds = core.call { token.autoLockAfter() }.toLong()
        return Duration.ofMillis(seconds * MILLIS - (monotonic() - touchedAt))
    }

    private suspend fun opened() {
        touched()
        mutablePage.value = core.call { token.state() }
        codes.refresh()
        val waiting = kept
        kept = null
        val shown = activation.value
        when {
            shown == null -> waiting?.let { begin(it) }
            shown.view.value.state is org.softtoken.ActivationState.NeedsPin -> shown.pinReady()
            else -> shown.start()
        }
    }

    private suspend fun begin(text: SecretText) =
        begun { token.beginActivation(ActivationSource.Text(text), activationOptions()) }

    private suspend fun begun(verb: () -> Activation) {
        try {
            show(core.call(verb))
        } catch (error: TokenException) {
            mutableNotice.value = texts.of(error)
        }
    }

    private fun show(begun: Activation) {
        activation.value?.close()
        mutableActivation.value = ActivationModel(begun, scope, core, texts, transport, browser, sleeper).also { it.start() }
    }

    private companion object {
        const val NANOS = 1_000_000L
        const val MILLIS = 1000L
        val SHORTEST: Duration = Duration.ofSeconds(1)
    }
}
