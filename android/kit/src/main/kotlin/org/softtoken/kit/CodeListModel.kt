package org.softtoken.kit

import java.time.Duration
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.softtoken.Badge
import org.softtoken.CodeKind
import org.softtoken.CodeView
import org.softtoken.IdentityId
import org.softtoken.IdentityState
import org.softtoken.IdentityView
import org.softtoken.SecretText
import org.softtoken.SoftToken
import org.softtoken.TokenException
import org.softtoken.UnixTime
import org.softtoken.emptyBuffer
import org.softtoken.lend

/** One identity and its code. [note] says why there is none. */
data class CodeRow(
    val id: IdentityId,
    val name: String,
    val issuer: String,
    val account: String,
    val kind: CodeKind?,
    val state: IdentityState,
    val badge: Badge?,
    val note: String?,
    val code: SecretText?,
    val validFrom: UnixTime?,
    val validUntil: UnixTime?,
) {
    /** In groups that can be read aloud: 3+3, 4+4. */
    val grouped: SecretText? get() = code?.let { SecretText(grouped(it.text)) }
}

/** The list. [error] is the sentence of the last verb that failed. */
data class CodeList(
    val rows: List<CodeRow> = emptyList(),
    val search: String = "",
    val nextChange: UnixTime? = null,
    val error: String? = null,
) {
    /** The rows that match the search. */
    val shown: List<CodeRow>
        get() = rows.filter { row -> listOf(row.name, row.issuer, row.account).any { it.contains(search, ignoreCase = true) } }
}

/**
 * All codes. [run] reads them again exactly when the next one changes; in between a screen animates without asking.
 * [millis] is the wall clock in milliseconds, the same as the token's.
 */
class CodeListModel(
    private val token: SoftToken,
    private val core: CoreThread,
    private val texts: Texts,
    private val millis: () -> Long = System::currentTimeMillis,
    private val sleeper: Sleeper = Sleeper.real,
) {
    private val mutableList = MutableStateFlow(CodeList())
    private val counted = HashMap<IdentityId, SecretText>()

    /** The list now. */
    val list: StateFlow<CodeList> = mutableList.asStateFlow()

    /** Keeps the list true until it is cancelled or the vault locks. */
    suspend fun run() {
        while (refresh()) {
            val change = list.value.nextChange ?: return
            val wait = change.coerceAtMost(FAR).toLong() * MILLIS - millis()
            // A clock that was moved back or ahead gives nonsense: then once a second.
            sleeper.sleep(Duration.ofMillis(if (wait in 1..LONGEST) wait else MILLIS))
        }
    }

    /** Reads the list again. False when the vault is locked; the list is empty then. */
    suspend fun refresh(): Boolean {
        val (identities, sheet) = try {
            core.call { token.identities() to token.codes(null) }
        } catch (error: TokenException) {
            clear()
            if (error !is TokenException.VaultLocked) said(error)
            return false
        }
        val codes = sheet.codes.associateBy { it.id }
        val rows = identities.map { row(it, codes[it.id]) }
        mutableList.value = list.value.copy(rows = rows, nextChange = sheet.nextChange)
        return true
    }

    /** Forgets all rows and codes: what a lock does. */
    fun clear() {
        counted.clear()
        mutableList.value = CodeList()
    }

    /** Shows what matches only. */
    fun search(text: String) {
        mutableList.value = list.value.copy(search = text.trim())
    }

    /** *Next code* of an event-based identity. */
    suspend fun nextCode(id: IdentityId) = verb {
        core.call { token.nextCode(id) }.code?.let { counted[id] = it }
    }

    /** *Answer a challenge*: the response, or null and the error. [otpPin] is wiped. */
    suspend fun respond(id: IdentityId, challenge: String, otpPin: CharArray? = null): SecretText? {
        var response: SecretText? = null
        verb {
            response = core.call {
                if (otpPin == null) {
                    token.respond(id, challenge, emptyBuffer(), null)
                } else {
                    otpPin.lend { token.respond(id, challenge, it, null) }
                }
            }.code
        }
        otpPin?.fill('\u0000')
        return response
    }

    /** *Copy code*: the bare digits for the clipboard, which is the app's to mark as secret and to clear. */
    fun copy(id: IdentityId): SecretText? = list.value.rows.firstOrNull { it.id == id }?.code

    /** *Rename*. */
    suspend fun rename(id: IdentityId, name: String) = verb { core.call { token.rename(id, name) } }

    /** *Remove*, after the user was asked. */
    suspend fun remove(id: IdentityId) = verb { core.call { token.remove(id) } }

    /** A row was dragged to [position]. */
    suspend fun move(id: IdentityId, position: Int) =
        verb { core.call { token.reorder(id, position.coerceAtLeast(0).toUInt()) } }

    /** True when it was done; otherwise the list says why not. */
    private suspend fun verb(act: suspend () -> Unit): Boolean = try {
        act()
        mutableList.value = list.value.copy(error = null)
        refresh()
    } catch (error: TokenException) {
        said(error)
        false
    }

    private fun said(error: TokenException) {
        mutableList.value = list.value.copy(error = texts.of(error))
    }

    private fun row(identity: IdentityView, code: CodeView?): CodeRow {
        val note = identity.stopped?.let { texts.of(it.why) } ?: when (identity.state) {
            IdentityState.ACTIVE -> null
            IdentityState.PENDING -> texts.text("codes.pending")
            IdentityState.NEEDS_UNLOCK_CODE -> texts.text("codes.needs_unlock_code")
        }
        return CodeRow(
            identity.id, identity.name, identity.issuer, identity.account, identity.kind, identity.state,
            identity.badge, note, code?.code ?: counted[identity.id], code?.validFrom, code?.validUntil,
        )
    }

    private companion object {
        const val MILLIS = 1000L
        const val LONGEST = 3_600_000L

        /** Far enough, and no overflow as milliseconds. */
        const val FAR = 9_000_000_000_000uL
    }
}

/** 6 digits as 3+3, 8 as 4+4, others in one piece. */
internal fun grouped(code: String): String = when (code.length) {
    6, 8 -> code.chunked(code.length / 2).joinToString(" ")
    else -> code
}
