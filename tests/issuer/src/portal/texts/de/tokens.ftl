# Einen Authentifikator hinzufügen.
add = Authentifikator hinzufügen
add-which = Welche Art?
add-soft = Eine App auf Telefon oder Computer zeigt die Codes.
add-hardware = Sie haben ein Gerät mit Anzeige und Seriennummer.
cancel = Abbrechen
back-to-list = Zurück zu den Authentifikatoren
too-many-tokens = Sie haben {$most} Authentifikatoren; mehr sind nicht möglich.
too-many-tokens-way = Löschen Sie einen, den Sie nicht mehr brauchen, und fügen Sie dann den neuen hinzu.

# Der Dialog.
activate-token = Token aktivieren
activate-on = Wo der Token aktiviert wird
on-mobile = Mobilgerät
on-desktop = Computer
reactivate-old-works = Dieser Authentifikator ist aktiv. Seine Codes gelten, bis die neue Aktivierung abgeschlossen ist.
reactivate-replaces = Eine Aktivierung läuft bereits. Was Sie hier wählen, ersetzt sie.
install-mobile = Installieren Sie die App auf Ihrem Telefon und wählen Sie dann einen dieser Wege. Vielleicht unterstützt Ihre App nicht alle.
install-desktop = Installieren Sie die App auf Ihrem Computer und übertragen Sie dann die Werte von hier.
type-link = Link in einer E-Mail
type-link-how = Wir senden sie an {$email}. Öffnen Sie sie auf dem Telefon und tippen Sie auf den Link. Sie enthält auch einen QR-Code mit Passwort und Werte zum Eintippen.
type-qr = QR-Code und Passwort
type-qr-how = Wählen Sie in der App „QR-Code scannen“, scannen Sie den Code auf diesem Bildschirm und geben Sie sein Passwort ein.
type-values = Werte zum Eintippen
type-values-how = Geben Sie Adresse, Seriennummer und Aktivierungscode in die App ein. Sie zeigt dann einen Registrierungscode für diese Seite.
type-desktop-how = Übertragen Sie Adresse, Seriennummer und Aktivierungscode in die App. Sie zeigt dann einen Registrierungscode für diese Seite.
network-needed = Die App braucht eine Netzverbindung
network-not-needed = Geht auch ohne Netz
send-email = E-Mail senden
show-qr = QR-Code anzeigen
show-values = Werte anzeigen
no-email = Für Ihr Konto ist keine E-Mail-Adresse eingetragen.
no-email-way = Wählen Sie einen der anderen Wege, oder bitten Sie den Helpdesk, Ihre Adresse einzutragen.
done-email-sent = Die E-Mail ist unterwegs.

# Was eine Bestellung sagt.
qr-step-scan = Wählen Sie in der App „QR-Code scannen“ und scannen Sie dieses Bild.
qr-alt = QR-Code dieser Aktivierung. Wenn Sie ihn nicht scannen können, gehen Sie zurück und wählen Sie die Werte zum Eintippen.
qr-step-password = Geben Sie bei „Passwort erforderlich“ dieses achtstellige Passwort ein.
qr-step-activate = Wählen Sie einen Namen und drücken Sie „Aktivieren“. Wenn die App danach einen Registrierungscode zeigt, drücken Sie hier „Abschließen“.
values-step-mobile = Wählen Sie in der App „Neue Identität“ oder „+“ und geben Sie diese Werte ein.
values-step-desktop = Geben Sie in der App im Dialog „Identitätsanbieter“ einen Namen ein und übertragen Sie diese Werte.
values-step-activate = Drücken Sie „Aktivieren“.
values-step-pin = Drücken Sie „Speichern“, wählen Sie eine PIN und bestätigen Sie sie.
values-step-registration = Geben Sie den Registrierungscode ein, den die App zeigt.
values-then-first-code = Arbeitet die App ohne Netz, fragen wir danach nach ihrem ersten Code.
values-shown-once = Diese Werte werden nur jetzt angezeigt. Wenn Sie die Seite ohne sie verlassen, aktivieren Sie erneut.
address = Adresse
activation-code = Aktivierungscode
response = Antwort
ends-at = Diese Aktivierung endet am
older-no-longer-works = Ältere E-Mails, QR-Codes und Aktivierungscodes gelten nicht mehr.

# Abschließen.
complete-token = Token-Aktivierung abschließen
enter-registration-code = Registrierungscode eingeben
registration-code-hint = Die 10 Ziffern, die die App zeigt, mit oder ohne Bindestrich.
no-registration-code = Das ist kein Registrierungscode. Er hat 10 Ziffern; vergleichen Sie jede mit der App.
first-code = Erster Code
first-code-hint = Der Code, den die App jetzt unter dem Registrierungscode zeigt.
waiting-open = Warten auf die App
waiting-open-text = Noch hat keine App diese Aktivierung benutzt. Zeigt die App einen Registrierungscode, geben Sie ihn hier ein; meldet sie Erfolg, sehen Sie erneut nach.
waiting-claimed = Die App hat begonnen
waiting-claimed-text = Fahren Sie in der App fort. Zeigt sie einen Registrierungscode, geben Sie ihn hier ein; sonst sehen Sie erneut nach.
waiting-awaited = Warten auf den Registrierungscode
waiting-awaited-text = Die App zeigt ihn jetzt. Geben Sie ihn hier ein.
waiting-first-code = Geben Sie nun den Code ein, den die App zeigt
waiting-first-code-text = Der Registrierungscode wurde angenommen. Sind er und der Code richtig und passen doch nicht, wurde in der App etwas falsch eingegeben: Wählen Sie „Reaktivieren“.
email-went-to = Die E-Mail ging an {$email}. Sehen Sie auch im Ordner für unerwünschte E-Mails nach. Ältere E-Mails gelten nicht mehr.
email-not-sent = Die E-Mail an {$email} konnte nicht gesendet werden.
email-not-sent-way = Wählen Sie einen anderen Weg, oder versuchen Sie es in einer Minute erneut. Bleibt es dabei, wenden Sie sich an den Helpdesk.
check-again = Erneut nachsehen
complete-early = Die App ist noch nicht so weit.
complete-early-way = Fahren Sie in der App fort, bis sie einen Registrierungscode zeigt, und geben Sie ihn hier ein.
complete-disabled = Dieser Authentifikator ist deaktiviert.
complete-disabled-way = Schalten Sie ihn erst wieder ein, dann können Sie ihn aktivieren.
complete-active = Dieser Authentifikator ist aktiv. Drücken Sie in der App OK; sie zeigt Ihre Codes.
done-activated = Der Authentifikator ist aktiv. Drücken Sie in der App OK; sie zeigt Ihre Codes.

# Zurücksetzen.
reset-token = Token zurücksetzen
reset-why = Werden richtige Codes abgelehnt, geht die Uhr oder der Zähler des Authentifikators falsch. Geben Sie ein, was er zeigt, und wir merken uns den Unterschied.
reset-one = Mit einem Code
reset-one-when = Für eine Uhr, die bis zu einer Stunde falsch geht.
reset-two = Mit zwei Codes
reset-two-when = Für eine Uhr, die bis zu einem Tag falsch geht, und für Token mit Knopf. Geben Sie zwei Codes ein, die direkt aufeinander folgen.
reset-now = Code, der jetzt angezeigt wird
reset-first = Erster Code
reset-second = Nächster Code
reset-response = Mit einer Aufgabe
reset-response-when = Wir zeigen Ihnen eine Zahl für den Authentifikator. Er zeigt dann eine Antwort.
reset-response-how = Geben Sie diese Aufgabe in den Authentifikator ein, und hier, was er antwortet.
show-challenge = Aufgabe anzeigen
challenge = Aufgabe
done-reset = Der Authentifikator ist zurückgesetzt.
done-reset-ahead = Der Authentifikator ist zurückgesetzt. Seine Uhr geht vor; wie viel, steht unten. Stellen Sie die Uhrzeit des Geräts auf automatisch.
done-reset-behind = Der Authentifikator ist zurückgesetzt. Seine Uhr geht nach; wie viel, steht unten. Stellen Sie die Uhrzeit des Geräts auf automatisch.
hours = { $count ->
    [one] {$count} Stunde
   *[other] {$count} Stunden
 }
minutes = { $count ->
    [one] {$count} Minute
   *[other] {$count} Minuten
 }
seconds = { $count ->
    [one] {$count} Sekunde
   *[other] {$count} Sekunden
 }
clock-right = Geht richtig
clock-ahead = Geht {$amount} vor
clock-behind = Geht {$amount} nach

# Einzelheiten.
details = Einzelheiten
added-at = Hinzugefügt
codes = Codes
codes-digits = {$digits} Ziffern
clock = Uhr
label = Bezeichnung
label-hint = Bis zu 40 Zeichen. Nur Sie und der Helpdesk sehen sie.
label-wrong = Geben Sie eine Bezeichnung mit 1 bis 40 Zeichen ohne Steuerzeichen ein.
label-taken = So heißt schon ein anderer Ihrer Authentifikatoren. Wählen Sie eine andere Bezeichnung.
rename = Umbenennen
done-renamed = Die Bezeichnung ist geändert.
use = Verwendung
disabled-by-others = Der Helpdesk hat diesen Authentifikator deaktiviert.
disabled-by-others-way = Bitten Sie den Helpdesk, ihn wieder einzuschalten, oder fügen Sie einen anderen hinzu.

# Erst fragen.
token-disable = Deaktivieren
token-enable = Einschalten
token-delete = Löschen
token-return = Zurückgeben
ask-disable = Diesen Authentifikator deaktivieren?
ask-disable-what = Seine Codes werden abgelehnt, bis Sie ihn wieder einschalten. Eine laufende Aktivierung endet.
ask-enable = Diesen Authentifikator wieder einschalten?
ask-enable-what = Seine Codes werden wieder angenommen. Tun Sie das nur, wenn Sie ihn in der Hand haben.
ask-delete = Diesen Authentifikator löschen?
ask-delete-what = Seine Codes gelten nie wieder. Die App erfährt es bei ihrem nächsten Kontakt und zeigt dann keine Codes mehr.
ask-return = Diesen Authentifikator zurückgeben?
ask-return-what = Er gehört dann nicht mehr Ihnen, und jemand anderes kann ihn hinzufügen.
last-active = Das ist Ihr letzter aktiver Authentifikator.
last-active-way = Danach können Sie sich nur noch mit Ihrem Passwort anmelden. Fügen Sie vorher einen anderen hinzu, wenn es geht.
done-disabled = Der Authentifikator ist deaktiviert.
done-enabled = Der Authentifikator ist eingeschaltet.
done-deleted = Der Authentifikator ist gelöscht.
done-returned = Der Authentifikator ist zurückgegeben.

# Hardware-Token.
hardware = Hardware-Token hinzufügen
hardware-how = Nehmen Sie den Token zur Hand.
token-serial-number = Seriennummer des Tokens
token-serial-hint = Sie steht auf der Rückseite.
hardware-response-hint = Der Code, den der Token zeigt. Drücken Sie seinen Knopf, falls er einen hat.
hardware-add = Hinzufügen
done-hardware-added = Der Hardware-Token gehört Ihnen und ist aktiv.
