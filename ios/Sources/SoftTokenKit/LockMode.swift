extension LockModel {
    /// What the digits are for.
    public enum Mode: Equatable, Sendable {
        /// A first PIN, or one under a code that opens a blocked vault.
        case new
        /// The new PIN once more.
        case again
        /// The PIN.
        case unlock
        /// The present PIN, before a new one.
        case change
        /// Codes for issuers are shown; an unlock code, or the recovery code, is asked for.
        case blocked
    }
}
