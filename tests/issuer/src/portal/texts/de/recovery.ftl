# Ich habe meinen Token verlegt.
misplaced = Ich habe meinen Token verlegt
misplaced-why = Beantworten Sie Ihre drei Fragen. Danach können Sie eine App entsperren oder einen verlorenen Token deaktivieren, aber nichts anderes.
misplaced-none = Sie haben keine Fragen und Antworten eingerichtet.
misplaced-none-way = Rufen Sie den Helpdesk an: Er prüft, wer Sie sind, und hilft Ihnen weiter. Richten Sie Ihre Fragen später im Portal unter „Konto“ ein.
back-to-code = Zurück zum Code
answers-wrong = Das stimmt nicht.
answers-wrong-way = Prüfen Sie alles, was Sie eingegeben haben. Alle Antworten müssen stimmen. Sie haben fünf Versuche pro Stunde.

# Aufgabe und Antwort.
challenge-use = Aufgabe und Antwort verwenden
challenge-title = Aufgabe und Antwort
challenge-how = Geben Sie die Aufgabe in Ihre Soft-Token-App oder Ihren Hardware-Token ein und die Antwort daraus hier.
challenge-life = Die Aufgabe gilt für einen Versuch und fünf Minuten.

# Ein vergessenes Passwort.
forgotten = Ich habe mein Passwort vergessen
forgotten-how = Geben Sie Ihren Benutzernamen ein. Hat das Konto eine E-Mail-Adresse, erhalten Sie einen Link für ein neues Passwort. Ihr zweiter Schritt bleibt, wie er ist.
forgotten-send = Link senden
forgotten-no-mail = Keine E-Mail? Sehen Sie im Ordner für unerwünschte E-Mails nach, oder fragen Sie den Helpdesk.
back-to-sign-in = Zurück zur Anmeldung
done-link-sent = Wenn es ein Konto dieses Namens mit einer E-Mail-Adresse gibt, ist ein Link dorthin unterwegs. Er gilt 30 Minuten.
link-dead = Dieser Link gilt nicht mehr.
link-dead-way = Er funktioniert einmal und 30 Minuten lang, und ein späterer Link ersetzt ihn.
link-again = Neuen Link anfordern
password-choose = Neues Passwort wählen
password-choose-how = Alle Ihre Sitzungen werden beendet. Danach melden Sie sich mit dem neuen Passwort und Ihrem zweiten Schritt an.

# Was Benutzer selbst tun.
unlock-title = Was ist geschehen?
unlock-lead = Wählen Sie, was zutrifft. Bevor etwas geändert wird, werden Sie gefragt.
choose = Wählen
locked = Meine Anwendung ist gesperrt
locked-what = Die App zeigt einen PIN-Rücksetzcode, weil die PIN zu oft falsch war oder weil Sie sie vergessen haben.
lost-what = Das Telefon oder der Hardware-Token ist verloren, gestohlen oder defekt.
locked-why = Die App zeigt einen PIN-Rücksetzcode, und dafür erhalten Sie hier einen Entsperrcode. Die App braucht dazu kein Netz.
locked-step-read = Lesen Sie den PIN-Rücksetzcode, den die App zeigt: 9 Ziffern.
locked-step-type = Geben Sie ihn auf der nächsten Seite ein, um den Entsperrcode zu erhalten.
locked-step-back = Geben Sie den Entsperrcode in die App ein und wählen Sie eine neue PIN.
locked-sure = Ist Ihre Anwendung gesperrt, und haben Sie sie zur Hand?
yes = Ja
no = Nein
unlock-which = Welcher Authentifikator?
unlock-none = Sie haben keinen aktiven Soft-Token.
unlock-none-way = Nur ein aktivierter Soft-Token kann entsperrt werden. Fragen Sie den Helpdesk, wenn Sie einen haben sollten.
reset-code = PIN-Rücksetzcode
reset-code-hint = 9 Ziffern, wie die gesperrte App sie zeigt. Bindestriche und Leerzeichen spielen keine Rolle.
reset-code-digits = Der PIN-Rücksetzcode besteht nur aus Ziffern. Prüfen Sie Ihre Eingabe.
reset-code-length = Der PIN-Rücksetzcode hat 9 Ziffern. Zählen Sie Ihre Eingabe nach.
reset-code-check = Eine Ziffer ist falsch, oder zwei sind vertauscht. Vergleichen Sie den Code mit der App.
unlock-give = Entsperrcode anzeigen
unlock-code = Entsperrcode
unlock-code-former = Entsperrcode von vor der Reaktivierung
unlock-next = So geht es weiter
unlock-step-choose = Wählen Sie in der gesperrten App, einen Entsperrcode einzugeben.
unlock-step-type = Geben Sie den Entsperrcode ein. Bindestriche und Kleinbuchstaben spielen keine Rolle.
unlock-step-pin = Wählen Sie eine neue PIN. Danach zeigt die App wieder Codes.
unlock-former = Sie haben diesen Authentifikator kürzlich neu aktiviert. Lehnt die App den ersten Code ab, hat sie noch die früheren Geheimnisse: Dann geben Sie diesen ein.
unlock-once = Der Code gilt nur in Ihrer App und einmal, und er wird hier nur jetzt angezeigt.
ready = Fertig
unlock-limit = Das war der letzte Entsperrcode für heute.
unlock-limit-way = Es gibt drei in 24 Stunden. Fragen Sie den Helpdesk, oder versuchen Sie es morgen wieder.
lost-disable = Verlorenen Token deaktivieren
lost-why = Seine Codes werden nicht mehr angenommen, wer auch immer ihn hat.
lost-none = Keiner Ihrer Authentifikatoren ist aktiv, also kann sich niemand mit einem Code daraus anmelden.
lost-disable-yes = Ja, deaktivieren
done-lost-disabled = Der Token ist deaktiviert. Seine Codes werden nicht mehr angenommen.
anew = Ein neuer Authentifikator
anew-how = Sie erhalten per E-Mail, was einen neuen Soft-Token auf einem anderen Telefon oder Computer aktiviert. Der verlorene bleibt deaktiviert.
anew-send = Per E-Mail senden
anew-no-mail = Ihr Konto hat keine E-Mail-Adresse. Bitten Sie den Helpdesk um einen neuen Authentifikator.
anew-limit = Das war die letzte E-Mail für heute.
done-anew-sent = Die E-Mail ist unterwegs. Aktivieren Sie damit den neuen Soft-Token.
