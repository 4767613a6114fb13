# Das Beispiel einer geschützten Anwendung.
sample = Beispielanwendung
sample-why = Sie steht für eine Anwendung Ihrer Organisation: Sie sind angemeldet, und eine Zahlung verlangt einen frischen Code.
sample-payment = Zahlung
sample-to = An
sample-to-whom = Muster GmbH
sample-amount = Betrag
sample-how-much = 125,00
sample-code-hint = Ein Code gilt einmal: Wenn Sie sich gerade damit angemeldet haben, warten Sie auf den nächsten.
sample-pay = Bezahlen
sample-done = Der Code wurde angenommen. Die Zahlung ist ausgeführt; es war nur ein Beispiel.
sample-accepted-by = Angenommen von
sample-authenticator = Authentifikator
sample-again = Weitere Zahlung
sample-none = Kein aktiver Authentifikator
sample-none-way = Aktivieren Sie einen Authentifikator, um diese Seite mit seinen Codes zu erproben.
