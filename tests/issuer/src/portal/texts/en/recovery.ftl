# I have misplaced my token.
misplaced = I have misplaced my token
misplaced-why = Answer your three questions. Afterwards you can unlock an app or put a lost token out of use, but nothing else.
misplaced-none = You have not set up questions and answers.
misplaced-none-way = Call the help desk: it checks who you are and helps you on. Later, set up your questions in the portal under Account.
back-to-code = Back to the code
answers-wrong = That is not right.
answers-wrong-way = Check everything that you have typed. All answers must fit. There are five tries an hour.

# Challenge and response.
challenge-use = Use challenge and response
challenge-title = Challenge and response
challenge-how = Type the challenge into your soft token app or your hardware token, and type its response here.
challenge-life = The challenge is good for one try and for five minutes.

# A forgotten password.
forgotten = I've forgotten my password
forgotten-how = Type your user name. If the account has a mail address, you are sent a link to choose another password. Your second step stays as it is.
forgotten-send = Send the link
forgotten-no-mail = No mail? Look in the folder for unwanted mail, or ask the help desk.
back-to-sign-in = Back to the sign-in
done-link-sent = If there is an account of this name with a mail address, a link is on its way to it. It is good for 30 minutes.
link-dead = This link is no longer valid.
link-dead-way = It works once and for 30 minutes, and a later link replaces it.
link-again = Ask for another link
password-choose = Choose a new password
password-choose-how = All your sessions end. You then sign in with the new password and your second step.

# What users do for themselves.
unlock-title = What has happened?
unlock-lead = Choose what fits. You are asked before anything is changed.
choose = Choose
locked = My application is locked
locked-what = The app shows a PIN reset code after too many wrong PINs, or because you have forgotten your PIN.
lost-what = The phone or the hardware token is lost, stolen or broken.
locked-why = The app gives a PIN reset code, and you get an unlock code for it here. The app needs no network for that.
locked-step-read = Read the PIN reset code that the app shows: 9 digits.
locked-step-type = Type it on the next page to get the unlock code.
locked-step-back = Type the unlock code into the app and choose a new PIN.
locked-sure = Is your application locked, and do you have it at hand?
yes = Yes
no = No
unlock-which = Which authenticator?
unlock-none = You have no active soft token.
unlock-none-way = Only an activated soft token can be unlocked. Ask the help desk if you think that you have one.
reset-code = PIN reset code
reset-code-hint = 9 digits, as the locked app shows them. Hyphens and spaces do not matter.
reset-code-digits = The PIN reset code has digits only. Check what you have typed.
reset-code-length = The PIN reset code has 9 digits. Count what you have typed.
reset-code-check = One digit is wrong, or two have changed places. Compare the code with the app.
unlock-give = Show the unlock code
unlock-code = Unlock code
unlock-code-former = Unlock code of before the reactivation
unlock-next = What to do next
unlock-step-choose = In the locked app, choose to enter an unlock code.
unlock-step-type = Type the unlock code. Hyphens and small letters do not matter.
unlock-step-pin = Choose a new PIN. Then the app shows codes again.
unlock-former = You have activated this authenticator anew lately. If the app refuses the first code, it still has the earlier secrets: then type this one.
unlock-once = The code works in your app only, once, and is shown here only now.
ready = Done
unlock-limit = That was the last unlock code for today.
unlock-limit-way = There are three in 24 hours. Ask the help desk, or try again tomorrow.
lost-disable = Disable the lost token
lost-why = Its codes are no longer accepted, whoever has it.
lost-none = None of your authenticators is active, so nobody can sign in with a code of one.
lost-disable-yes = Yes, disable it
done-lost-disabled = The token is disabled. Its codes are no longer accepted.
anew = A new authenticator
anew-how = You are mailed what activates a new soft token on another phone or computer. The lost one stays disabled.
anew-send = Send it by mail
anew-no-mail = Your account has no mail address. Ask the help desk for a new authenticator.
anew-limit = That was the last mail for today.
done-anew-sent = The mail is on its way. Activate the new soft token with it.
