# The shell of every page.
brand = softtoken
skip = Skip to the content
nav-label = Main
nav-authenticators = Authenticators
nav-unlock = Unlock
nav-account = Account
nav-sample = Sample application
nav-desk = Help desk
sign-out = Sign out
done-signed-out = You are signed out.
copy = Copy
copied = Copied

# Signing in.
sign-in = Sign in
sign-in-code = Enter your code
user-name = User name
password = Password
continue = Continue
code = Code
code-hint = Open your soft token app and type the code that it shows.

# Refusals: what is wrong, and what to do about it. The part after "error-" is the public code of the error.
error-home = Go to the first page
error-bad_value = That was not understood.
error-bad_value-way = Check what you have typed, and try again.
error-unreadable = That was not understood.
error-unreadable-way = Go back and try again.
error-not_found = This page does not exist.
error-not_found-way = It may have been deleted, or the address is mistyped.
error-exists = That exists already.
error-exists-way = Go back and choose something else.
error-wrong_state = That is not possible now.
error-wrong_state-way = Something has changed since the page was shown. Look at it again.
error-out_of_turn = That is not possible now.
error-out_of_turn-way = Look at the page again.
error-registration_code_does_not_match = Registration code does not match
error-registration_code_does_not_match-way = Compare every digit with the app. After three wrong ones, start again with Reactivate.
error-invalid_response = Invalid Response.
error-invalid_response-way = Check that the code comes from this authenticator, and type the code that the app shows now.
error-invalid_serial_number = The Token Serial Number you have entered is invalid.
error-invalid_serial_number-way = Check the serial number on the back of the token and the code that it shows, and type both again.
error-activation_expired = The activation code has expired.
error-activation_expired-way = Choose Reactivate to get a new one. What you were sent before no longer works.
error-activation_void = This activation is void.
error-activation_void-way = There were too many wrong tries. Choose Reactivate to start again.
error-token_locked = This authenticator is locked after too many wrong codes.
error-token_locked-way = Use another authenticator, or ask the help desk to reset it.
error-too_many_tries = Too many tries.
error-too_many_tries-way = Wait an hour, or ask the help desk.
error-too_large = That is too large.
error-too_large-way = Send a smaller file or less text.
error-too_slow = That took too long to arrive.
error-too_slow-way = Check your connection and try again.
error-media_type = That was not understood.
error-media_type-way = Go back and use the form of the page.
error-method_not_allowed = This page cannot be called in this way.
error-method_not_allowed-way = Go to the first page and use the links.
error-misdirected = This address is not served here.
error-misdirected-way = Type the address that your organisation gave you.
error-unauthorized = Sign in first.
error-unauthorized-way = Your session has ended.
error-forbidden = You may not do this.
error-forbidden-way = Ask an administrator if you think that you should.
error-last_admin = The last administrator stays.
error-last_admin-way = Nothing was changed. Make somebody else an administrator first.
error-foreign_form = This form was not sent from this page.
error-foreign_form-way = Nothing was changed. Open the page again and repeat what you did; cookies must be allowed.
error-wrong_password = User name or password is wrong.
error-wrong_password-way = Check both, and whether the caps lock is on.
error-unavailable = The service is not available at the moment.
error-unavailable-way = Nothing was changed. Try again in a minute.
error-internal = Something went wrong here.
error-internal-way = Nothing was changed. Try again; if it stays so, tell the help desk when it happened.

# Proving again who one is.
prove = Is it still you?
prove-why = What comes next could be used against you, so please sign in once more.

# What can be used as second step.
second-challenge = Your authenticator shows no codes: it answers a challenge.
second-disabled = None of your authenticators is enabled.
second-disabled-way = So no code can be accepted. Use your questions and answers, or ask the help desk to enable one.
