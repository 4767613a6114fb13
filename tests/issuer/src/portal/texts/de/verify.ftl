# Pages that an app opens to verify a certificate or a face.
verify-certificate = Zertifikat prüfen
verify-face = Gesicht prüfen
verify-compare = Vergleichen Sie mit Ihrer App. Fahren Sie nur fort, wenn sie genau dasselbe anzeigt.
verify-number = Zahl
verify-yes = Ja, das zeigt meine App
verify-yes-send = Ja, das zeigt meine App: Bild senden
verify-no = Nein
verify-no-effect = Nein beendet die Aktivierung. Wählen Sie es, wenn Sie sie nicht begonnen haben oder wenn Ihre App etwas anderes anzeigt.
verify-chosen = Sie haben dieses Zertifikat gewählt:
verify-chosen-wrong = Um ein anderes zu wählen, schließen Sie alle Fenster des Browsers und öffnen Sie diese Seite noch einmal aus der App.
verify-nameless = ein Zertifikat ohne Namen

# The picture.
verify-picture = Ein Bild Ihres Gesichts
verify-picture-hint = JPEG oder PNG, höchstens 2 MiB. Es wird gelöscht, sobald es angesehen wurde.
verify-picture-missing = Wählen Sie ein Bild, oder nehmen Sie eines auf, bevor Sie es senden.
verify-picture-large = Das Bild ist zu groß: höchstens 2 MiB.
verify-picture-type = Dieses Bild kann nicht verwendet werden. Senden Sie eine JPEG- oder PNG-Datei.
verify-picture-way = Es wurde nichts entschieden. Gehen Sie zurück und wählen Sie ein anderes, oder nehmen Sie es mit geringerer Auflösung auf.
verify-camera-start = Kamera verwenden
verify-camera-take = Bild aufnehmen
verify-camera-live = Was die Kamera sieht
verify-camera-taken = Das aufgenommene Bild
verify-camera-refused = Die Kamera kann nicht verwendet werden. Erlauben Sie sie im Browser und versuchen Sie es erneut, oder wählen Sie unten ein Bild.

# What has come of it.
verify-passed = Geprüft
verify-passed-how = Danke. Gehen Sie zurück zur App: Sie macht von selbst weiter.
verify-reviewed = Bild erhalten
verify-reviewed-how = Danke. Jemand sieht sich Ihr Bild an; das kann eine Weile dauern.
verify-reviewed-way = Gehen Sie zurück zur App. Sie macht von selbst weiter, auch wenn Sie sie später wieder öffnen.
verify-refused = Nicht geprüft
verify-another = Dieses Zertifikat gehört jemand anderem.
verify-another-way = Gehen Sie zurück zur App und versuchen Sie es mit Ihrem eigenen. Nach dem dritten falschen brauchen Sie eine neue Aktivierung.
verify-by-user = Sie haben angegeben, dass Ihre App etwas anderes anzeigt.
verify-by-user-way = Die Aktivierung wurde beendet, und niemand hat ein Token erhalten. Hat Ihnen jemand den Link geschickt, sagen Sie es Ihrem Helpdesk.
verify-other = Das Bild wurde nicht angenommen.
verify-other-way = Gehen Sie zurück zur App und versuchen Sie es erneut, bei gutem Licht und mit dem Gesicht zur Kamera.
verify-without-title = Kein Zertifikat
verify-without = Ihr Browser hat kein Zertifikat gesendet.
verify-without-way = Öffnen Sie den Link noch einmal und wählen Sie Ihr Zertifikat, wenn der Browser fragt. Fragt er nicht, schließen Sie zuerst alle seine Fenster; gibt es keines zur Auswahl, bitten Sie Ihren Helpdesk darum.
verify-gone-title = Link ungültig
verify-gone = Dieser Link ist nicht oder nicht mehr gültig.
verify-gone-way = Er gilt zehn Minuten und für eine Antwort. Gehen Sie zurück zur App: Sie zeigt einen neuen, wenn sie ihn noch braucht.
verify-fault-title = Versuchen Sie es erneut
verify-fault = Hier ist etwas schiefgegangen, und es wurde nichts entschieden.
verify-fault-way = Versuchen Sie es in einer Minute noch einmal.
verify-back = Zurück zur App
verify-back-else = Ist Ihre App auf einem anderen Gerät, machen Sie dort weiter; diese Seite können Sie schließen.
