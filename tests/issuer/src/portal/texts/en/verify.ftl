# Pages that an app opens to verify a certificate or a face.
verify-certificate = Certificate verification
verify-face = Face verification
verify-compare = Compare with your app. Go on only if it shows exactly the same.
verify-number = Number
verify-yes = Yes, my app shows this
verify-yes-send = Yes, my app shows this: send the picture
verify-no = No
verify-no-effect = No stops the activation. Choose it if you did not start it, or if your app shows something else.
verify-chosen = You have chosen this certificate:
verify-chosen-wrong = To choose another one, close all windows of the browser and open this page from the app again.
verify-nameless = a certificate without a name

# The picture.
verify-picture = A picture of your face
verify-picture-hint = JPEG or PNG, at most 2 MiB. It is deleted as soon as it has been looked at.
verify-picture-missing = Choose a picture, or take one, before you send it.
verify-picture-large = The picture is too large: at most 2 MiB.
verify-picture-type = This is no picture that can be used. Send a JPEG or PNG file.
verify-picture-way = Nothing was decided. Go back and choose another one, or take it with less resolution.
verify-camera-start = Use the camera
verify-camera-take = Take picture
verify-camera-live = What the camera sees
verify-camera-taken = The picture that you have taken
verify-camera-refused = The camera cannot be used. Allow it in the browser and try again, or choose a picture below.

# What has come of it.
verify-passed = Verified
verify-passed-how = Thank you. Go back to the app: it goes on by itself.
verify-reviewed = Picture received
verify-reviewed-how = Thank you. A person looks at your picture; this may take a while.
verify-reviewed-way = Go back to the app. It goes on by itself, also when you open it again later.
verify-refused = Not verified
verify-another = This certificate is somebody else's.
verify-another-way = Go back to the app and try again with yours. After the third wrong one you need a new activation.
verify-by-user = You said that this is not what your app shows.
verify-by-user-way = The activation was stopped, and no token was given to anybody. If somebody has sent you the link, tell your help desk.
verify-other = The picture was not accepted.
verify-other-way = Go back to the app and try again, in good light and facing the camera.
verify-without-title = No certificate
verify-without = Your browser has sent no certificate.
verify-without-way = Open the link again and choose your certificate when the browser asks. If it does not ask, close all its windows first; if there is none to choose, ask your help desk for one.
verify-gone-title = Link not valid
verify-gone = This link is not valid, or not any more.
verify-gone-way = It is good for ten minutes and one answer. Go back to the app: it shows a new one if it still needs it.
verify-fault-title = Try again
verify-fault = Something went wrong here, and nothing was decided.
verify-fault-way = Try again in a minute.
verify-back = Back to the app
verify-back-else = If your app is on another device, go on there; you can close this page.
