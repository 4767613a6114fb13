package org.softtoken.kit

import org.softtoken.Activation
import org.softtoken.ActivationInput
import org.softtoken.ActivationState
import org.softtoken.ActivationStep
import org.softtoken.HttpRequest
import org.softtoken.Ticket
import org.softtoken.TokenException
import org.softtoken.secondsAsDuration

/**
 * Does what an activation needs no person for: carries its requests, and asks again after its waits.
 *
 * Cancelling [run] leaves the activation pending; the next [run], or `resumeActivation` after the end of the process,
 * goes on from there. When the vault locks while an answer is on its way, [run] throws `VaultLocked` and keeps the
 * answer; the next [run] gives it again.
 */
class ActivationDriver(
    private val activation: Activation,
    private val core: CoreThread,
    private val transport: Transport,
    private val sleeper: Sleeper = Sleeper.real,
) {
    private var held: Pair<Ticket, ActivationInput>? = null

    /** Goes on until a person is needed, or it is over; [show] sees every state on the way. */
    suspend fun run(show: (ActivationStep) -> Unit = {}): ActivationStep {
        var step = held?.let { (ticket, input) -> given(ticket, input) } ?: step()
        while (true) {
            show(step)
            step = when (val state = step.state) {
                is ActivationState.Exchange -> given(step.ticket, carried(state.request))
                is ActivationState.Waiting -> {
                    sleeper.sleep(secondsAsDuration(state.retryAfter))
                    given(step.ticket, ActivationInput.Poll)
                }
                is ActivationState.Verify -> {
                    // The user is in the browser. Who comes back by its link cancels this wait.
                    sleeper.sleep(secondsAsDuration(state.retryAfter))
                    given(step.ticket, ActivationInput.Poll)
                }
                is ActivationState.NeedsConsent, is ActivationState.NeedsDetails, is ActivationState.NeedsPassword,
                is ActivationState.NeedsPin, is ActivationState.ShowRegistrationCode, is ActivationState.Done,
                is ActivationState.Failed,
                -> return step
            }
        }
    }

    /** The present state. */
    suspend fun step(): ActivationStep = core.call { activation.step() }

    /** A person's answer to the state that has [ticket]. */
    suspend fun answer(ticket: Ticket, input: ActivationInput): ActivationStep =
        core.call { activation.advance(ticket, input) }

    /** A password for the state that has [ticket]; [bytes] stay the caller's to wipe. */
    suspend fun password(ticket: Ticket, bytes: java.nio.ByteBuffer): ActivationStep =
        core.call { activation.supplyPassword(ticket, bytes) }

    private suspend fun carried(request: HttpRequest): ActivationInput = when (val outcome = transport.send(request)) {
        is HttpReply -> ActivationInput.Http(outcome.status, outcome.body)
        is HttpTrouble -> ActivationInput.HttpProblem(outcome.problem)
    }

    private suspend fun given(ticket: Ticket, input: ActivationInput): ActivationStep {
        held = ticket to input
        return core.call {
            try {
                activation.advance(ticket, input).also { held = null }
            } catch (locked: TokenException.VaultLocked) {
                throw locked
            } catch (stale: TokenException.StaleInput) {
                // Somebody else has answered meanwhile: their state counts.
                held = null
                activation.step()
            } catch (error: TokenException) {
                held = null
                throw error
            }
        }
    }
}
