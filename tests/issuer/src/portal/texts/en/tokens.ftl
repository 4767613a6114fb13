# Adding an authenticator.
add = Add an authenticator
add-which = Which kind?
add-soft = An app on your phone or computer shows the codes.
add-hardware = You have a device with a display and a serial number.
cancel = Cancel
back-to-list = Back to the authenticators
too-many-tokens = You have {$most} authenticators, which is the most that you can have.
too-many-tokens-way = Delete one that you no longer use, then add the new one.

# The dialog.
activate-token = Activate Token
activate-on = Where to activate the token
on-mobile = Mobile
on-desktop = Desktop
reactivate-old-works = This authenticator is active. Its codes work until the new activation is complete.
reactivate-replaces = An activation is under way. What you choose here replaces it.
install-mobile = Install the app on your phone, then choose one of these ways. Your app may not support all of them.
install-desktop = Install the app on your computer, then copy the values from here.
type-link = Link in an email
type-link-how = We send it to {$email}. Open it on your phone and tap the link. It also has a QR code with its password, and values to type.
type-qr = QR code and password
type-qr-how = Choose “Scan QR code” in the app, scan the code on this screen, and type its password.
type-values = Values to type
type-values-how = Type address, serial number and activation code into the app. It then shows a registration code for this page.
type-desktop-how = Copy address, serial number and activation code into the app. It then shows a registration code for this page.
network-needed = The app needs the network
network-not-needed = Works without network
send-email = Send Email
show-qr = Show QR code
show-values = Show the values
no-email = Your account has no email address.
no-email-way = Use one of the other ways, or ask the help desk to enter your address.
done-email-sent = The email is on its way.

# What an order says.
qr-step-scan = In the app, choose “Scan QR code” and scan this picture.
qr-alt = QR code of this activation. If you cannot scan it, go back and choose the values to type.
qr-step-password = In “Password Required”, type this 8-digit password.
qr-step-activate = Choose a name and press Activate. If the app then shows a registration code, press Complete here.
values-step-mobile = In the app, choose “Add New Identity” or “+” and type these values.
values-step-desktop = In the “Identity Provider” dialog of the app, type a name and copy these values.
values-step-activate = Press Activate.
values-step-pin = Press Save, choose a PIN and confirm it.
values-step-registration = Type the registration code that the app shows.
values-then-first-code = If the app works without network, we ask for its first code next.
values-shown-once = These values are shown only now. If you leave this page without them, activate again.
address = Address
activation-code = Activation code
response = Response
ends-at = This activation ends at
older-no-longer-works = An older email, QR code or activation code no longer works.

# Completing.
complete-token = Complete Token Activation
enter-registration-code = Enter Registration Code
registration-code-hint = The 10 digits that the app shows, with or without the hyphen.
no-registration-code = This is not a registration code. It has 10 digits; compare each of them with the app.
first-code = First code
first-code-hint = The code that the app shows now, below the registration code.
waiting-open = Waiting for the app
waiting-open-text = No app has used this activation yet. If the app shows a registration code, type it here; if it says that it was successful, check again.
waiting-claimed = The app has begun
waiting-claimed-text = Finish in the app. If it shows a registration code, type it here; otherwise check again.
waiting-awaited = Waiting for the registration code
waiting-awaited-text = The app shows it now. Type it here.
waiting-first-code = Now enter the code that the app shows
waiting-first-code-text = The registration code was taken. If it and the code are both right and do not match, something was mistyped in the app: choose Reactivate.
email-went-to = The email went to {$email}. Look into the folder for unwanted mail, too. An older email no longer works.
email-not-sent = The email to {$email} could not be sent.
email-not-sent-way = Choose another way, or try again in a minute. If it stays so, tell the help desk.
check-again = Check again
complete-early = The app is not ready for this yet.
complete-early-way = Go on in the app until it shows a registration code, then type it here.
complete-disabled = This authenticator is disabled.
complete-disabled-way = Enable it first, then activate it.
complete-active = This authenticator is active. Press OK in the app; it shows your codes.
done-activated = The authenticator is active. Press OK in the app; it shows your codes.

# Resetting.
reset-token = Reset token
reset-why = When the right codes are refused, the clock or the counter of the authenticator is off. Show us what it displays, and we remember the difference.
reset-one = With one code
reset-one-when = For a clock that is up to an hour off.
reset-two = With two codes
reset-two-when = For a clock that is up to a day off, and for tokens with a button. Type two codes, one right after the other.
reset-now = Code that is shown now
reset-first = First code
reset-second = Next code
reset-response = With a challenge
reset-response-when = We show you a number for the authenticator. It answers with a response.
reset-response-how = Type this challenge into the authenticator, and type here what it answers.
show-challenge = Show a challenge
challenge = Challenge
done-reset = The authenticator is reset.
done-reset-ahead = The authenticator is reset. Its clock is ahead; how much, is shown below. Set the time of the device to automatic.
done-reset-behind = The authenticator is reset. Its clock is behind; how much, is shown below. Set the time of the device to automatic.
hours = { $count ->
    [one] {$count} hour
   *[other] {$count} hours
 }
minutes = { $count ->
    [one] {$count} minute
   *[other] {$count} minutes
 }
seconds = { $count ->
    [one] {$count} second
   *[other] {$count} seconds
 }
clock-right = Right
clock-ahead = {$amount} ahead
clock-behind = {$amount} behind

# Details.
details = Details
added-at = Added
codes = Codes
codes-digits = {$digits} digits
clock = Clock
label = Label
label-hint = Up to 40 characters. Only you and the help desk see it.
label-wrong = Type a label of 1 to 40 characters, without control characters.
label-taken = Another authenticator of yours is called so. Choose another label.
rename = Rename
done-renamed = The label is changed.
use = Use
disabled-by-others = The help desk has disabled this authenticator.
disabled-by-others-way = Ask the help desk to enable it, or add another one.

# Asking first.
token-disable = Disable
token-enable = Enable
token-delete = Delete
token-return = Give back
ask-disable = Disable this authenticator?
ask-disable-what = Its codes are refused until you enable it again. An activation that is under way ends.
ask-enable = Enable this authenticator?
ask-enable-what = Its codes are accepted again. Do this only when you have it in hand.
ask-delete = Delete this authenticator?
ask-delete-what = Its codes never work again. The app is told at its next contact and then shows no more codes.
ask-return = Give this authenticator back?
ask-return-what = It is no longer yours, and somebody else can add it.
last-active = This is your last active authenticator.
last-active-way = Afterwards you can sign in only with your password. Add another one first, if you can.
done-disabled = The authenticator is disabled.
done-enabled = The authenticator is enabled.
done-deleted = The authenticator is deleted.
done-returned = The authenticator is given back.

# Hardware tokens.
hardware = Add a hardware token
hardware-how = Have the token in hand.
token-serial-number = Token Serial Number
token-serial-hint = It is printed on the back.
hardware-response-hint = The code that the token shows. Press its button if it has one.
hardware-add = Add
done-hardware-added = The hardware token is yours and active.
