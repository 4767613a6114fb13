package org.softtoken.journeys

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import org.softtoken.*

/*
 * The library's views as journeys compare them: fields by their names in `snake_case`. Every `when` is exhaustive
 * without an else: a new state or error does not compile before it is here.
 */

/** `{"kind": …}` with the payload flat beside it. */
fun view(error: TokenException): JsonObject {
    val (kind, fields) = when (error) {
        is TokenException.ActivationPending -> "ActivationPending" to obj("id" to error.id)
        is TokenException.AlreadyUsed -> "AlreadyUsed" to obj()
        is TokenException.ConsentNeeded -> "ConsentNeeded" to obj()
        is TokenException.Declined -> "Declined" to obj()
        is TokenException.DeviceKeyFailed -> "DeviceKeyFailed" to obj("problem" to error.problem)
        is TokenException.DeviceKeyLost -> "DeviceKeyLost" to obj()
        is TokenException.Expired -> "Expired" to obj()
        is TokenException.InputNeeded -> "InputNeeded" to obj("what" to error.what)
        is TokenException.Internal -> "Internal" to obj()
        is TokenException.NameTaken -> "NameTaken" to obj("suggestion" to error.suggestion)
        is TokenException.NoNetwork -> "NoNetwork" to obj()
        is TokenException.NotForThisApp -> "NotForThisApp" to obj()
        is TokenException.NotYet -> "NotYet" to obj("feature" to error.feature)
        is TokenException.NotUnderstood ->
            "NotUnderstood" to obj("part" to error.part, "problem" to error.problem, "position" to error.position)
        is TokenException.PinBlocked -> "PinBlocked" to obj()
        is TokenException.PinRefused -> "PinRefused" to view(error.problem)
        is TokenException.ServerRefused -> "ServerRefused" to obj("status" to error.status)
        is TokenException.StaleInput -> "StaleInput" to obj()
        is TokenException.Stopped -> "Stopped" to obj("why" to error.why, "since" to error.since)
        is TokenException.Superseded -> "Superseded" to obj()
        is TokenException.UnknownIdentity -> "UnknownIdentity" to obj()
        is TokenException.Unsupported -> "Unsupported" to obj("what" to error.what)
        is TokenException.Untrusted -> "Untrusted" to obj("what" to error.what)
        is TokenException.VaultBusy -> "VaultBusy" to obj()
        is TokenException.VaultDamaged -> "VaultDamaged" to obj()
        is TokenException.VaultExists -> "VaultExists" to obj()
        is TokenException.VaultFile -> "VaultFile" to obj("problem" to error.problem)
        is TokenException.VaultLocked -> "VaultLocked" to obj()
        is TokenException.VaultTooNew -> "VaultTooNew" to obj("found" to error.found, "known" to error.known)
        is TokenException.VerificationOpen -> "VerificationOpen" to obj("verification" to error.kind)
        is TokenException.VerificationRefused ->
            "VerificationRefused" to obj("verification" to error.kind, "reason" to error.reason)
        is TokenException.Void -> "Void" to obj()
        is TokenException.WrongPassword -> "WrongPassword" to obj("tries_left" to error.triesLeft)
        is TokenException.WrongPin -> "WrongPin" to obj("attempts_left" to error.attemptsLeft)
        is TokenException.WrongUnlockCode -> "WrongUnlockCode" to obj("tries_left" to error.triesLeft)
    }
    return named("kind", kind, fields)
}

private fun view(problem: PinProblem): JsonObject = when (problem) {
    is PinProblem.TooShort -> obj("problem" to "too_short", "min" to problem.min)
    is PinProblem.TooLong -> obj("problem" to "too_long", "max" to problem.max)
    PinProblem.NotDigits -> obj("problem" to "not_digits")
    PinProblem.Repeated -> obj("problem" to "repeated")
    PinProblem.Run -> obj("problem" to "run")
    PinProblem.Date -> obj("problem" to "date")
    PinProblem.Pattern -> obj("problem" to "pattern")
    PinProblem.Common -> obj("problem" to "common")
    PinProblem.Mismatch -> obj("problem" to "mismatch")
}

/** What an activation needs. */
fun view(state: ActivationState): JsonObject {
    val (name, fields) = when (state) {
        is ActivationState.NeedsPin -> "NeedsPin" to obj("rules" to view(state.rules), "exists" to state.exists)
        is ActivationState.NeedsPassword ->
            "NeedsPassword" to obj("of" to state.of, "wrong" to state.wrong, "tries_left" to state.triesLeft)
        is ActivationState.NeedsDetails -> "NeedsDetails" to obj(
            "fields" to obj(
                "address" to state.fields.address, "serial_number" to state.fields.serialNumber,
                "activation_code" to state.fields.activationCode,
            ),
            "problems" to state.problems.map {
                obj("part" to it.part, "problem" to it.problem, "position" to it.position)
            },
        )
        is ActivationState.NeedsConsent ->
            "NeedsConsent" to obj("summary" to view(state.summary), "name" to state.name, "taken" to state.taken)
        is ActivationState.Exchange -> "Exchange" to obj("request" to view(state.request))
        is ActivationState.Verify -> "Verify" to obj(
            "id" to state.id, "kind" to state.kind, "url" to state.url, "callback" to state.callback,
            "number" to state.number, "device" to state.device, "serial" to state.serial,
            "retry_after" to state.retryAfter, "awaited" to state.awaited,
        )
        is ActivationState.Waiting ->
            "Waiting" to obj("id" to state.id, "kind" to state.kind, "retry_after" to state.retryAfter)
        is ActivationState.ShowRegistrationCode -> "ShowRegistrationCode" to obj(
            "id" to state.id, "code" to state.code, "live_code" to state.liveCode,
            "expires_at" to state.expiresAt, "awaited" to state.awaited,
        )
        is ActivationState.Done -> "Done" to obj("added" to state.added, "refused" to state.refused.map(::view))
        is ActivationState.Failed -> "Failed" to obj("why" to view(state.why), "retry" to state.retry)
    }
    return named("state", name, fields)
}

/** What a contact needs. */
fun view(state: ContactState): JsonObject = when (state) {
    is ContactState.Exchange -> named("state", "Exchange", obj("request" to view(state.request)))
    is ContactState.Done -> with(state.news) {
        val news = obj(
            "id" to id, "active" to active, "renewed" to renewed, "alone" to alone, "policy" to view(policy),
            "needs_pin" to needsPin?.let(::view), "clock_offset" to clockOffset,
        )
        named("state", "Done", obj("news" to news))
    }
    is ContactState.Ended -> named("state", "Ended", obj("end" to state.end))
    is ContactState.Failed -> named("state", "Failed", obj("why" to view(state.why), "retry" to state.retry))
}

/** What the whole token needs. */
fun view(state: TokenState): JsonObject {
    val (name, fields) = when (state) {
        TokenState.Fresh -> "Fresh" to obj()
        TokenState.Ready -> "Ready" to obj()
        TokenState.DeviceKeyLost -> "DeviceKeyLost" to obj()
        is TokenState.Locked ->
            "Locked" to obj("attempts_left" to state.attemptsLeft, "retry_after" to state.retryAfter)
        is TokenState.Blocked -> "Blocked" to obj("ask" to state.ask.map(::view))
        is TokenState.Damaged -> "Damaged" to obj("kept_at" to state.keptAt)
    }
    return named("state", name, fields)
}

fun view(it: StatusView): JsonObject = obj(
    "state" to view(it.state), "identities" to it.identities, "assurance" to it.assurance,
    "ask" to it.ask.map(::view),
)

fun view(it: ResetRequest): JsonObject =
    obj("issuer" to it.issuer, "serial" to it.serial, "reset_code" to it.resetCode)

fun view(it: IdentityView): JsonObject = obj(
    "id" to it.id, "name" to it.name, "issuer" to it.issuer, "account" to it.account, "serial" to it.serial,
    "kind" to it.kind, "algorithm" to it.algorithm, "digits" to it.digits, "period" to it.period,
    "state" to it.state, "stopped" to it.stopped?.let { end -> obj("why" to end.why, "since" to end.since) },
    "badge" to it.badge, "registration_code" to it.registrationCode,
)

fun view(it: CodeView): JsonObject = obj(
    "id" to it.id, "name" to it.name, "code" to it.code, "valid_from" to it.validFrom,
    "valid_until" to it.validUntil, "next" to it.next, "counter" to it.counter,
)

fun view(it: CodeSheet): JsonObject =
    obj("at" to it.at, "next_change" to it.nextChange, "codes" to it.codes.map(::view))

fun view(it: ResyncView): JsonObject = obj("current" to view(it.current), "following" to view(it.following))

private fun view(it: NumberedCode): JsonObject = obj("number" to it.number, "code" to it.code)

fun view(it: PolicyView): JsonObject =
    obj("id" to it.id, "name" to it.name, "issuer" to it.issuer, "policy" to view(it.policy))

fun view(it: ClockView): JsonObject = obj(
    "now" to it.now, "implausible" to it.implausible, "jumped" to it.jumped,
    "offsets" to it.offsets.map { one -> obj("id" to one.id, "seconds" to one.seconds) },
)

fun view(it: DeletionView): JsonObject =
    obj("id" to it.id, "name" to it.name, "address" to it.address, "serial" to it.serial, "at" to it.at)

/** A line of the event log; `number` is the payload that is a number. */
fun view(it: EventView): JsonObject {
    val word = it.event.javaClass.simpleName.replace(Regex("(?<!^)[A-Z]"), "_$0").lowercase()
    val number = when (val event = it.event) {
        is Event.WrongPin -> event.attemptsLeft
        is Event.WrongCode -> event.triesLeft
        is Event.BackupMade -> event.identities
        is Event.AutoLockChanged -> event.seconds
        Event.Created, Event.Unlocked, Event.UnlockedByBiometrics, Event.Locked, Event.Blocked, Event.PinForgotten,
        Event.OlderFile, Event.PinChanged, Event.CodeRedeemed, Event.RecoveryCodeRead, Event.BiometricsOn,
        Event.BiometricsOff, is Event.IdentityAdded, is Event.IdentityRenamed, is Event.IdentityRemoved,
        is Event.SeedReplaced, is Event.DeletedByIssuer, is Event.ReplacedElsewhere, is Event.DisabledByIssuer,
        is Event.EnabledByIssuer,
        -> null
    }
    return obj("at" to it.at, "event" to word, "number" to number, "name" to it.name)
}

private fun view(it: PinRules): JsonObject = obj("min_digits" to it.minDigits)

private fun view(it: Policy): JsonObject = obj(
    "pin" to view(it.pin), "forbid_biometric" to it.forbidBiometric, "forbid_backup" to it.forbidBackup,
    "verify_user" to it.verifyUser,
)

private fun view(it: HttpRequest): JsonObject =
    obj("kind" to it.kind, "url" to it.url, "max_reply" to it.maxReply)

private fun view(it: RefusedView): JsonObject = obj("entry" to it.entry, "error" to view(it.error))

private fun view(it: ConsentSummary): JsonObject = obj(
    "door" to it.door, "address" to it.address, "serial" to it.serial, "expires_at" to it.expiresAt,
    "offline" to it.offline, "entries" to it.entries.map(::view), "refused" to it.refused.map(::view),
    "page" to it.page?.let { page -> obj("index" to page.index, "of" to page.count) },
)

private fun view(it: EntrySummary): JsonObject = obj(
    "name" to it.name, "taken" to it.taken, "issuer" to it.issuer, "account" to it.account, "kind" to it.kind,
    "algorithm" to it.algorithm, "digits" to it.digits, "period" to it.period, "badge" to it.badge,
    "warnings" to it.warnings,
)

private fun named(key: String, name: String, fields: JsonObject) =
    JsonObject(mapOf<String, JsonElement>(key to json(name)) + fields)
