# Der Rahmen jeder Seite.
brand = softtoken
skip = Zum Inhalt springen
nav-label = Hauptmenü
nav-authenticators = Authentifikatoren
nav-unlock = Entsperren
nav-account = Konto
nav-sample = Beispielanwendung
nav-desk = Helpdesk
sign-out = Abmelden
done-signed-out = Sie sind abgemeldet.
copy = Kopieren
copied = Kopiert

# Anmelden.
sign-in = Anmelden
sign-in-code = Code eingeben
user-name = Benutzername
password = Passwort
continue = Weiter
code = Code
code-hint = Öffnen Sie Ihre Soft-Token-App und geben Sie den angezeigten Code ein.

# Ablehnungen: was nicht stimmt, und was zu tun ist.
error-home = Zur ersten Seite
error-bad_value = Das wurde nicht verstanden.
error-bad_value-way = Prüfen Sie Ihre Eingabe und versuchen Sie es erneut.
error-unreadable = Das wurde nicht verstanden.
error-unreadable-way = Gehen Sie zurück und versuchen Sie es erneut.
error-not_found = Diese Seite gibt es nicht.
error-not_found-way = Sie wurde vielleicht gelöscht, oder die Adresse enthält einen Tippfehler.
error-exists = Das gibt es bereits.
error-exists-way = Gehen Sie zurück und wählen Sie etwas anderes.
error-wrong_state = Das ist jetzt nicht möglich.
error-wrong_state-way = Seit die Seite angezeigt wurde, hat sich etwas geändert. Sehen Sie sie noch einmal an.
error-out_of_turn = Das ist jetzt nicht möglich.
error-out_of_turn-way = Sehen Sie die Seite noch einmal an.
error-registration_code_does_not_match = Der Registrierungscode stimmt nicht überein
error-registration_code_does_not_match-way = Vergleichen Sie jede Ziffer mit der App. Nach drei falschen Eingaben beginnen Sie mit „Reaktivieren“ von vorn.
error-invalid_response = Ungültige Antwort.
error-invalid_response-way = Prüfen Sie, ob der Code von diesem Authentifikator stammt, und geben Sie den Code ein, den die App jetzt zeigt.
error-invalid_serial_number = Die eingegebene Seriennummer ist ungültig.
error-invalid_serial_number-way = Prüfen Sie die Seriennummer auf der Rückseite des Tokens und den Code, den er zeigt, und geben Sie beides erneut ein.
error-activation_expired = Der Aktivierungscode ist abgelaufen.
error-activation_expired-way = Mit „Reaktivieren“ erhalten Sie einen neuen. Was Sie zuvor erhalten haben, gilt nicht mehr.
error-activation_void = Diese Aktivierung ist ungültig.
error-activation_void-way = Es gab zu viele falsche Eingaben. Beginnen Sie mit „Reaktivieren“ von vorn.
error-token_locked = Dieser Authentifikator ist nach zu vielen falschen Codes gesperrt.
error-token_locked-way = Verwenden Sie einen anderen Authentifikator, oder bitten Sie den Helpdesk, ihn zurückzusetzen.
error-too_many_tries = Zu viele Versuche.
error-too_many_tries-way = Warten Sie eine Stunde, oder wenden Sie sich an den Helpdesk.
error-too_large = Das ist zu groß.
error-too_large-way = Senden Sie eine kleinere Datei oder weniger Text.
error-too_slow = Die Übertragung hat zu lange gedauert.
error-too_slow-way = Prüfen Sie Ihre Verbindung und versuchen Sie es erneut.
error-media_type = Das wurde nicht verstanden.
error-media_type-way = Gehen Sie zurück und verwenden Sie das Formular der Seite.
error-method_not_allowed = Diese Seite kann so nicht aufgerufen werden.
error-method_not_allowed-way = Gehen Sie zur ersten Seite und folgen Sie den Links.
error-misdirected = Diese Adresse wird hier nicht bedient.
error-misdirected-way = Geben Sie die Adresse ein, die Sie von Ihrer Organisation erhalten haben.
error-unauthorized = Melden Sie sich zuerst an.
error-unauthorized-way = Ihre Sitzung ist beendet.
error-forbidden = Dazu sind Sie nicht berechtigt.
error-forbidden-way = Wenden Sie sich an die Administration, wenn Sie es sein sollten.
error-last_admin = Die letzte Administratorin oder der letzte Administrator bleibt.
error-last_admin-way = Es wurde nichts geändert. Geben Sie diese Rolle zuerst jemand anderem.
error-foreign_form = Dieses Formular wurde nicht von dieser Seite gesendet.
error-foreign_form-way = Es wurde nichts geändert. Öffnen Sie die Seite neu und wiederholen Sie den Schritt; Cookies müssen erlaubt sein.
error-wrong_password = Benutzername oder Passwort ist falsch.
error-wrong_password-way = Prüfen Sie beides, auch die Feststelltaste.
error-unavailable = Der Dienst ist gerade nicht verfügbar.
error-unavailable-way = Es wurde nichts geändert. Versuchen Sie es in einer Minute noch einmal.
error-internal = Hier ist etwas schiefgegangen.
error-internal-way = Es wurde nichts geändert. Versuchen Sie es erneut; bleibt es dabei, nennen Sie dem Helpdesk die Uhrzeit.

# Sich erneut ausweisen.
prove = Sind Sie es noch?
prove-why = Der nächste Schritt könnte gegen Sie verwendet werden. Bitte melden Sie sich noch einmal an.

# What can be used as second step.
second-challenge = Ihr Authentifikator zeigt keine Codes, sondern beantwortet eine Aufgabe.
second-disabled = Keiner Ihrer Authentifikatoren ist aktiviert.
second-disabled-way = Deshalb kann kein Code angenommen werden. Nutzen Sie Ihre Fragen und Antworten, oder bitten Sie den Helpdesk, einen zu aktivieren.
