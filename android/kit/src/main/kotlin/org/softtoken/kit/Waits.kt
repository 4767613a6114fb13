package org.softtoken.kit

import java.time.Duration
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext

/** Waits; tests wait without time passing. */
fun interface Sleeper {
    suspend fun sleep(time: Duration)

    companion object {
        /** The coroutine's own. */
        val real = Sleeper { delay(it.toMillis()) }
    }
}

/**
 * The one serial executor on which everything calls the library: calls block, so never the thread that draws.
 *
 * One per token. Hooks are called on it.
 */
class CoreThread(private val dispatcher: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(1)) {
    /** What [block] gives, computed there. A call that has begun ends, also when its caller is cancelled. */
    suspend fun <T> call(block: () -> T): T = withContext(dispatcher) { block() }
}
