"""The HTTP servers of examples/ that answer GET /N with N letters: what their scripts share."""
import app

REQUESTS = 100
SIZES = (0, 1, 13, 13, 1000, 20000, 300000)
LETTERS = app.letters(max(SIZES))


class Letters(app.App):
    def command(self):
        return [self.exe, "0"]

    def ask(self, client, path, times=1):
        client.send(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * times)

    def answer(self, client, size, wanted="HTTP/1.1 200 OK", body=True):
        status, fields = client.http_head()
        if status != wanted or fields.get("Content-Length") != str(size):
            raise app.Wrong(f"{status} {fields}, want {wanted} and {size} bytes")
        if body:
            client.expect(LETTERS[:size])
        client.answers += 1

    def special(self, client, size):
        """What the server can do beside; False when it does not keep the connection."""
        return True

    def exchange(self, client):
        kind, size = client.random.randrange(20), client.random.choice(SIZES)
        if kind == 0:
            return self.special(client, size)
        times = 5 if kind == 1 else 1
        self.ask(client, size, times)
        for _ in range(times):
            self.answer(client, size)
        return True

    def converse(self, client):
        client.connect()
        for _ in range(client.random.randrange(1, REQUESTS)):
            if not self.exchange(client):
                client.expect_end()
                return
            if client.time_is_up():
                break
        if client.random.randrange(4) == 0:
            # Gone without having read the answer.
            self.ask(client, 300000)
        else:
            client.socket.shutdown(app.socket.SHUT_WR)
            client.expect_end()

    def begin(self, client):
        client.connect()
        self.ask(client, 13)
        self.answer(client, 13)
        if client.number % 2:
            client.send(b"GET /half HTTP/1.1\r\nHost:")


class Counting(Letters):
    """Those that count their answers: nobody sees a number twice, and each sees them grow."""

    def special(self, client, size):
        if client.random.randrange(2):
            client.send(b"NONE /of HTTP/1.1\r\nHost: localhost\r\n\r\n")
            status, fields = client.http_head()
            if status != "HTTP/1.1 400 Bad Request":
                raise app.Wrong(f"{status}, want 400")
            client.take(int(fields["Content-Length"]))
            client.answers += 1
            return False
        numbers = []
        for _ in range(5):
            self.ask(client, "count")
            status, fields = client.http_head()
            numbers.append(int(client.take(int(fields["Content-Length"]))))
            client.answers += 1
        if any(a >= b for a, b in zip(numbers, numbers[1:])):
            raise app.Wrong(f"counts {numbers}")
        return True
