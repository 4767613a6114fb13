package org.softtoken.kit

import java.util.Locale
import java.util.Properties
import org.softtoken.DeviceKeyProblem
import org.softtoken.FileProblem
import org.softtoken.Needed
import org.softtoken.Part
import org.softtoken.PinProblem
import org.softtoken.Problem
import org.softtoken.StopReason
import org.softtoken.TokenException
import org.softtoken.VerificationKind
import org.softtoken.VerificationRefusal

/**
 * All sentences of the app in one language. A text is found by its key; `{name}` in it is a placeholder, and
 * `KEY.one` and `KEY.other` are the forms of a plural.
 *
 * A missing key is a mistake of ours, found by the tests; it shows itself as its key and never throws.
 */
class Texts(private val lines: Map<String, String>) {
    /** The text of [key] with its placeholders filled in. */
    fun text(key: String, vararg values: Pair<String, Any>): String {
        val pattern = lines[key] ?: return key
        // In one pass: what is filled in is never searched for placeholders.
        return PLACEHOLDER.replace(pattern) { hole ->
            values.firstOrNull { it.first == hole.groupValues[1] }?.second?.toString() ?: hole.value
        }
    }

    /** The form of [key] for [count], which is its placeholder `{count}` as well. */
    fun plural(key: String, count: Long, vararg values: Pair<String, Any>): String =
        text(if (count == 1L) "$key.one" else "$key.other", "count" to count, *values)

    /** The sentence for an error: what happened, and what the user can do. */
    fun of(error: TokenException): String = when (error) {
        is TokenException.ActivationPending -> text("error.activation_pending")
        is TokenException.AlreadyUsed -> text("error.already_used")
        is TokenException.ConsentNeeded -> text("error.consent_needed")
        is TokenException.Declined -> text("error.declined")
        is TokenException.DeviceKeyFailed -> text(
            when (error.problem) {
                DeviceKeyProblem.TRANSIENT -> "error.device_key_failed.transient"
                DeviceKeyProblem.CANCELLED -> "error.device_key_failed.cancelled"
                DeviceKeyProblem.UNSUPPORTED -> "error.device_key_failed.unsupported"
                DeviceKeyProblem.FAULTY -> "error.device_key_failed.faulty"
            },
        )
        is TokenException.DeviceKeyLost -> text("error.device_key_lost")
        is TokenException.Expired -> text("error.expired")
        is TokenException.InputNeeded -> text("error.input_needed." + word(error.what))
        is TokenException.Internal -> text("error.internal")
        is TokenException.NameTaken -> text("error.name_taken")
        is TokenException.NoNetwork -> text("error.no_network")
        is TokenException.NotForThisApp -> text("error.not_for_this_app")
        is TokenException.NotUnderstood -> notUnderstood(error.part, error.problem, error.position?.toLong())
        is TokenException.NotYet -> text("error.not_yet")
        is TokenException.PinBlocked -> text("error.pin_blocked")
        is TokenException.PinRefused -> of(error.problem)
        is TokenException.ServerRefused -> text("error.server_refused", "status" to error.status)
        is TokenException.StaleInput -> text("error.stale_input")
        is TokenException.Stopped -> of(error.why)
        is TokenException.Superseded -> text("error.superseded")
        is TokenException.UnknownIdentity -> text("error.unknown_identity")
        is TokenException.Unsupported -> text("error.unsupported." + word(error.what))
        is TokenException.Untrusted -> text("error.untrusted." + word(error.what))
        is TokenException.VaultBusy -> text("error.vault_busy")
        is TokenException.VaultDamaged -> text("error.vault_damaged")
        is TokenException.VaultExists -> text("error.vault_exists")
        is TokenException.VaultFile -> text(
            when (error.problem) {
                FileProblem.NO_ACCESS -> "error.vault_file.no_access"
                FileProblem.FULL -> "error.vault_file.full"
                FileProblem.OTHER -> "error.vault_file.other"
            },
        )
        is TokenException.VaultLocked -> text("error.vault_locked")
        is TokenException.VaultTooNew -> text("error.vault_too_new", "found" to error.found, "known" to error.known)
        is TokenException.VerificationOpen -> text(
            when (error.kind) {
                VerificationKind.CERTIFICATE -> "error.verification_open.certificate"
                VerificationKind.FACE -> "error.verification_open.face"
            },
        )
        is TokenException.VerificationRefused -> text(
            when (error.reason) {
                VerificationRefusal.ANOTHER_HOLDER -> "error.verification_refused.another_holder"
                VerificationRefusal.BY_PERSON -> "error.verification_refused.by_person"
                VerificationRefusal.BY_USER -> "error.verification_refused.by_user"
                VerificationRefusal.OTHER -> "error.verification_refused.other"
            },
        )
        is TokenException.Void -> text("error.void")
        is TokenException.WrongPassword -> when (val left = error.triesLeft) {
            null -> text("error.wrong_password")
            0u -> text("error.wrong_password.none_left")
            else -> plural("error.wrong_password.left", left.toLong())
        }
        is TokenException.WrongPin -> left("error.wrong_pin", error.attemptsLeft)
        is TokenException.WrongUnlockCode -> left("error.wrong_unlock_code", error.triesLeft)
    }

    /** Why a PIN is not taken. */
    fun of(problem: PinProblem): String = when (problem) {
        is PinProblem.TooShort -> plural("error.pin_refused.too_short", problem.min.toLong())
        is PinProblem.TooLong -> plural("error.pin_refused.too_long", problem.max.toLong())
        PinProblem.NotDigits -> text("error.pin_refused.not_digits")
        PinProblem.Repeated -> text("error.pin_refused.repeated")
        PinProblem.Run -> text("error.pin_refused.run")
        PinProblem.Date -> text("error.pin_refused.date")
        PinProblem.Pattern -> text("error.pin_refused.pattern")
        PinProblem.Common -> text("error.pin_refused.common")
        PinProblem.Mismatch -> text("error.pin_refused.mismatch")
    }

    /** Why an identity shows no codes. */
    fun of(why: StopReason): String = text(
        when (why) {
            StopReason.DISABLED -> "error.stopped.disabled"
            StopReason.DELETED -> "error.stopped.deleted"
            StopReason.REPLACED -> "error.stopped.replaced"
        },
    )

    /** What is wrong with a part; [position] counts from 0, people from 1. */
    fun notUnderstood(part: Part, problem: Problem, position: Long?): String {
        val badSecret = part == Part.SECRET &&
            problem in setOf(Problem.BAD_CHARACTER, Problem.BAD_ENCODING, Problem.TRUNCATED)
        val (what, wrong) = ("part" to text("part." + word(part))) to ("problem" to text("problem." + word(problem)))
        return when {
            part == Part.TEXT && problem == Problem.UNKNOWN -> text("error.not_understood.text")
            part == Part.PICTURE && problem == Problem.MISSING -> text("error.not_understood.no_qr")
            badSecret && position == null -> text("error.not_understood.secret")
            badSecret -> text("error.not_understood.secret.at", "position" to position!! + 1)
            position == null -> text("error.not_understood", what, wrong)
            problem == Problem.CHECK_DIGIT ->
                text("error.not_understood.swap", what, wrong, "first" to position + 1, "second" to position + 2)
            else -> text("error.not_understood.at", what, wrong, "position" to position + 1)
        }
    }

    private fun left(key: String, count: UInt) =
        if (count == 0u) text("$key.none_left") else plural(key, count.toLong())

    /** A closed word as keys have it. */
    internal fun word(value: Enum<*>): String = value.name.lowercase(Locale.ROOT)

    companion object {
        /** The languages there are; the first is the one for everybody else. */
        val languages = listOf("en", "de")

        /** The texts for a language of the device, or English. */
        fun load(locale: Locale = Locale.getDefault()): Texts {
            val language = languages.firstOrNull { it == locale.language } ?: languages.first()
            val lines = Properties()
            Texts::class.java.getResourceAsStream("texts_$language.properties").use { file ->
                lines.load(checkNotNull(file) { "texts_$language.properties is not in the kit" }.reader(Charsets.UTF_8))
            }
            return Texts(lines.stringPropertyNames().associateWith(lines::getProperty))
        }

        private val PLACEHOLDER = Regex("\\{([a-z_]+)\\}")
    }
}
