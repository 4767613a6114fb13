# A sample of a protected application.
sample = Sample application
sample-why = This stands for an application of your organisation: you are signed in, and a payment asks for a fresh code.
sample-payment = Payment
sample-to = To
sample-to-whom = Sample Ltd
sample-amount = Amount
sample-how-much = 125.00
sample-code-hint = A code works once: if you have just signed in with it, wait for the next.
sample-pay = Pay
sample-done = The code was accepted. The payment is made; it was only a sample.
sample-accepted-by = Accepted by
sample-authenticator = Authenticator
sample-again = Another payment
sample-none = No active authenticator
sample-none-way = Activate an authenticator to try this page with its codes.
