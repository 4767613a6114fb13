import Dispatch
import SoftToken

/// The one executor: every call into the library goes through it, one at a time, off the main thread.
///
/// Calls may take a quarter of a second (an unlock) or wait for a file. They run on a thread of a dispatch queue,
/// so that they hold up neither a screen nor Swift's own few threads.
public actor TokenQueue {
    private let executor = QueueExecutor()
    private let token: SoftToken

    /// Puts `token` behind the queue. Nothing else should call it afterwards.
    public init(_ token: SoftToken) {
        self.token = token
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `work` with the token.
    public func run<Result: Sendable>(_ work: @Sendable (SoftToken) throws -> Result) throws -> Result {
        try work(token)
    }
}

/// A serial executor over a dispatch queue.
private final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "org.softtoken.queue", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
