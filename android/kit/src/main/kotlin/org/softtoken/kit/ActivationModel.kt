package org.softtoken.kit

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.softtoken.Activation
import org.softtoken.ActivationInput
import org.softtoken.ActivationState
import org.softtoken.ActivationStep
import org.softtoken.Ticket
import org.softtoken.TokenException
import org.softtoken.TypedFields
import org.softtoken.lend

/**
 * One page of an activation: a view switches over [state].
 *
 * [error] is the sentence of the last thing that went wrong, [problems] those of the fields of `NeedsDetails`.
 * [locked]: the vault has locked; after the PIN, [ActivationModel.start] goes on.
 */
data class ActivationView(
    val ticket: Ticket,
    val state: ActivationState?,
    val error: String?,
    val problems: List<String>,
    val locked: Boolean,
) {
    /** Names the page and nothing on it. */
    override fun toString(): String = "ActivationView(${state?.javaClass?.simpleName}, locked=$locked)"
}

/**
 * One activation as pages, with one verb a button. Verbs may be called at any time and twice: what the present state
 * does not take is dropped. All of it runs in [scope] (the screen's); the library's calls run on [core].
 */
class ActivationModel(
    private val activation: Activation,
    private val scope: CoroutineScope,
    core: CoreThread,
    private val texts: Texts,
    transport: Transport,
    private val browser: Browser,
    sleeper: Sleeper = Sleeper.real,
) : AutoCloseable {
    private val driver = ActivationDriver(activation, core, transport, sleeper)
    private val mutableView = MutableStateFlow(ActivationView(0u, null, null, emptyList(), false))
    private var job: Job? = null

    /** The page now. */
    val view: StateFlow<ActivationView> = mutableView.asStateFlow()

    /** True when nothing follows: `Done`, or `Failed` without another try. */
    val isOver: Boolean
        get() = when (val state = view.value.state) {
            is ActivationState.Done -> true
            is ActivationState.Failed -> state.retry == org.softtoken.Retry.NEVER
            else -> false
        }

    /** Begins, or goes on after a lock. */
    fun start(): Job = go { null }

    /** *OK* of the password page. The characters are wiped, whatever comes of them. */
    fun password(characters: CharArray): Job = go {
        try {
            characters.lend { driver.password(view.value.ticket, it) }
        } finally {
            characters.fill('\u0000')
        }
    }

    /** *OK* of the page for typed values. */
    fun details(fields: TypedFields): Job = answer(ActivationInput.Details(fields))

    /** *Activate*; null takes the suggested name. */
    fun activate(name: String?): Job = answer(ActivationInput.Consent(name))

    /** *Cancel* of the *Activate Identity* page. */
    fun decline(): Job = answer(ActivationInput.Decline)

    /** A PIN was set, or the vault opened, for `NeedsPin`. */
    fun pinReady(): Job = answer(ActivationInput.PinReady)

    /** Opens the page of `Verify` in the browser; false when there is none. */
    fun openBrowser(): Boolean = (view.value.state as? ActivationState.Verify)?.let { browser.open(it.url) } ?: false

    /** The browser came back by the `callback` of `Verify`. */
    fun browserReturned(): Job = answer(ActivationInput.BrowserReturned)

    /** The user has closed the browser. */
    fun browserDismissed(): Job = answer(ActivationInput.BrowserDismissed)

    /** *Try again*. */
    fun retry(): Job = answer(ActivationInput.Retry)

    /** *Continue without network*. */
    fun continueOffline(): Job = answer(ActivationInput.ContinueOffline)

    /** *Yes*: the portal has accepted the registration code. */
    fun confirmed(): Job = answer(ActivationInput.Confirmed)

    /** Gives the activation up, also while a request is on its way. */
    fun cancel(): Job = go(interrupts = true) { driver.answer(driver.step().ticket, ActivationInput.Cancel) }

    /** *Later*, or the page is left: stops what runs; what is pending stays so. */
    fun leave() {
        job?.cancel()
    }

    /** Frees the handle; the activation itself stays as it is. */
    override fun close() {
        leave()
        activation.close()
    }

    private fun answer(input: ActivationInput): Job {
        // The page that was tapped, not the one that is there when the executor gets to it.
        val ticket = view.value.ticket
        return go { driver.answer(ticket, input) }
    }

    /** A second tap while the first one works is dropped; a wait for a person ends when the person is back. */
    private fun go(interrupts: Boolean = false, first: suspend () -> ActivationStep?): Job {
        val before = job
        val waits = view.value.state is ActivationState.Verify || view.value.state is ActivationState.Waiting
        if (before != null && before.isActive && !interrupts && !waits) return before
        return scope.launch {
            before?.cancelAndJoin()
            try {
                first()?.let(::show)
            } catch (error: TokenException) {
                if (!failed(error)) return@launch
            }
            try {
                driver.run(::show)
            } catch (error: TokenException) {
                failed(error)
            }
        }.also { job = it }
    }

    /** True when it was a late tap, and the present state is to be shown. */
    private fun failed(error: TokenException): Boolean {
        when (error) {
            is TokenException.StaleInput -> return true
            is TokenException.VaultLocked -> mutableView.value = view.value.copy(locked = true, error = texts.of(error))
            else -> mutableView.value = view.value.copy(error = texts.of(error))
        }
        return false
    }

    private fun show(step: ActivationStep) {
        val state = step.state
        // A page that is shown again keeps what was said on it.
        val said = view.value.error.takeIf { view.value.ticket == step.ticket && !view.value.locked }
        val error = when (state) {
            is ActivationState.NeedsPassword ->
                if (state.wrong) texts.of(TokenException.WrongPassword(state.triesLeft)) else said
            is ActivationState.Failed -> texts.of(state.why)
            is ActivationState.NeedsConsent ->
                state.taken?.let { texts.of(TokenException.NameTaken(it)) } ?: said
            is ActivationState.NeedsDetails, is ActivationState.NeedsPin, is ActivationState.Exchange,
            is ActivationState.Verify, is ActivationState.Waiting, is ActivationState.ShowRegistrationCode,
            is ActivationState.Done,
            -> said
        }
        val problems = (state as? ActivationState.NeedsDetails)?.problems.orEmpty()
            .map { texts.notUnderstood(it.part, it.problem, it.position?.toLong()) }
        mutableView.value = ActivationView(step.ticket, state, error, problems, locked = false)
    }
}
