package org.softtoken.kit

/**
 * Opens a page in the user's own browser. Where it comes back to (the `callback` of `Verify`) is a link that the
 * system gives to the app: the app feeds it to [AppModel.incoming] or [ActivationModel.browserReturned].
 */
fun interface Browser {
    /** False when there is no browser. */
    fun open(url: String): Boolean
}
