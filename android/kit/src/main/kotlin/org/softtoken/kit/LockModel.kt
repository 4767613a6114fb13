package org.softtoken.kit

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.sync.Mutex
import org.softtoken.PinProblem
import org.softtoken.ResetRequest
import org.softtoken.SoftToken
import org.softtoken.TokenException
import org.softtoken.TokenState
import org.softtoken.lend
import org.softtoken.limits

/** What the key pad is for. */
enum class LockStep {
    /** A new PIN: the first, a changed one, or the one after an unlock code. */
    NEW,

    /** The new PIN once more. */
    AGAIN,

    /** The PIN that opens the vault. */
    UNLOCK,

    /** The old PIN before a new one. */
    OLD,

    /** Reset codes for the issuers, and a field for an unlock code. */
    BLOCKED,

    /** Open; there is nothing to do here. */
    OPEN,
}

/** The page of the lock. [wait] is in seconds; [ask] says whom to give which reset code. */
data class LockView(
    val step: LockStep,
    val digits: Int = 0,
    val attemptsLeft: Int? = null,
    val wait: Int = 0,
    val ask: List<ResetRequest> = emptyList(),
    val error: String? = null,
)

/**
 * The key pad and what it is for. Digits are here as bytes until they are used, then wiped; every rule about PINs,
 * tries and waits is the library's. [opened] is called when the vault has been opened or made.
 */
class LockModel(
    private val token: SoftToken,
    private val core: CoreThread,
    private val texts: Texts,
    private val opened: suspend () -> Unit = {},
) : AutoCloseable {
    private val most = limits().maxPinDigits.toInt()
    private val pad = PinPad(most)
    private val first = PinPad(most)
    private val old = PinPad(most)
    private var code: CharArray? = null
    private val turn = Mutex()
    private val mutableView = MutableStateFlow(LockView(LockStep.OPEN))

    /** The page now. */
    val view: StateFlow<LockView> = mutableView.asStateFlow()

    /** Begins with what the token needs: a first PIN, the PIN, or an unlock code. */
    suspend fun start() {
        wipe()
        read(null)
    }

    /** *Change PIN* of the open vault. */
    fun change() {
        wipe()
        show(LockView(LockStep.OLD))
    }

    /** A key of the pad. */
    fun digit(digit: Int) = typed { pad.append(digit) }

    /** *Delete digit*. */
    fun deleteLast() = typed { pad.deleteLast() }

    /** Takes all digits of this page back. */
    fun clear() = typed { pad.clear() }

    /** *Unlock* of the blocked page: the code is kept until a new PIN was entered twice. It is wiped after use. */
    fun unlockCode(characters: CharArray) {
        if (view.value.step != LockStep.BLOCKED) return characters.fill('\u0000')
        code?.fill('\u0000')
        code = characters
        show(LockView(LockStep.NEW, ask = view.value.ask))
    }

    /** *OK* of the pad. A second tap while the first one works is dropped. */
    suspend fun confirm() {
        if (!turn.tryLock()) return
        try {
            when (view.value.step) {
                LockStep.OLD -> next(LockStep.NEW) { old.takeFrom(pad) }
                LockStep.NEW -> next(LockStep.AGAIN) { first.takeFrom(pad) }
                LockStep.AGAIN -> if (pad.isSameAs(first)) set() else again(PinProblem.Mismatch)
                LockStep.UNLOCK -> attempt(LockStep.UNLOCK) { token.unlock(pad.lent()) }
                LockStep.BLOCKED, LockStep.OPEN -> Unit
            }
        } finally {
            turn.unlock()
        }
    }

    /** *Forgot your PIN?*: asks the issuers instead. The PIN is gone then. */
    suspend fun forgot() {
        try {
            core.call { token.forgetPin() }
            read(null)
        } catch (error: TokenException) {
            read(texts.of(error))
        }
    }

    /** Wipes everything that was typed. */
    override fun close() = wipe()

    private suspend fun set() {
        val typed = code
        when {
            typed != null -> attempt(LockStep.BLOCKED) {
                typed.lend { token.redeemUnlockCode(it, first.lent()) }
            }
            old.length > 0 -> attempt(LockStep.OLD) { token.changePin(old.lent(), first.lent()) }
            else -> attempt(LockStep.NEW) { token.setPin(first.lent()) }
        }
    }

    /** Digits are wiped whatever comes; a refused new PIN leaves the old one and the code for another try. */
    private suspend fun attempt(from: LockStep, verb: () -> Unit) {
        val failure = try {
            core.call(verb)
            null
        } catch (error: TokenException) {
            error
        }
        pad.clear()
        first.clear()
        when (failure) {
            null -> {
                wipe()
                read(null)
                opened()
            }
            is TokenException.PinRefused -> again(failure.problem)
            else -> {
                wipe()
                val said = texts.of(failure)
                if (from == LockStep.OLD && failure is TokenException.WrongPin && failure.attemptsLeft > 0u) {
                    show(LockView(LockStep.OLD, attemptsLeft = failure.attemptsLeft.toInt(), error = said))
                } else {
                    read(said)
                }
            }
        }
    }

    private fun again(problem: PinProblem) {
        pad.clear()
        first.clear()
        show(LockView(LockStep.NEW, ask = view.value.ask, error = texts.of(problem)))
    }

    private suspend fun read(error: String?) {
        val page = when (val state = core.call { token.state() }) {
            is TokenState.Locked -> LockView(
                LockStep.UNLOCK, attemptsLeft = state.attemptsLeft.toInt(), wait = state.retryAfter.toInt(),
            )
            is TokenState.Blocked -> LockView(LockStep.BLOCKED, ask = state.ask)
            TokenState.Ready -> LockView(LockStep.OPEN)
            TokenState.Fresh, TokenState.DeviceKeyLost, is TokenState.Damaged -> LockView(LockStep.NEW)
        }
        show(page.copy(error = error))
    }

    private fun next(step: LockStep, take: () -> Unit) {
        take()
        show(LockView(step, ask = view.value.ask))
    }

    private fun typed(key: () -> Unit) {
        // While the library borrows the digits, keys do nothing.
        if (turn.isLocked) return
        key()
        show(view.value.copy(digits = pad.length, error = null))
    }

    private fun wipe() {
        listOf(pad, first, old).forEach(PinPad::clear)
        code?.fill('\u0000')
        code = null
    }

    private fun show(page: LockView) {
        mutableView.value = page
    }
}
