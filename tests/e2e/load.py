"""HTTP load on a URL: a fixed rate from threads with kept-alive connections, as a load balancer's clients send it."""

import http.client
import threading
import time
import urllib.parse


class Load:
    """Sends requests until it is left; every request that is not answered with 200 is a failed one."""

    def __init__(self, url, rate=220, threads=4):
        self.address = urllib.parse.urlparse(url)
        self.pause = threads / rate
        self.lock = threading.Lock()
        self.sent = 0
        self.failures = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.send_all, daemon=True) for _ in range(threads)]

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        self.seconds = time.monotonic() - self.began

    def rate(self):
        return self.sent / self.seconds

    def send_all(self):
        connection = None
        due = time.monotonic()
        while not self.stopping.is_set():
            connection = connection or http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=10)
            problem = self.send_one(connection)
            if problem:
                connection.close()
                connection = None
            with self.lock:
                self.sent += 1
                if problem:
                    self.failures.append(problem)
            due += self.pause
            self.stopping.wait(max(0.0, due - time.monotonic()))
        if connection:
            connection.close()

    def send_one(self, connection):
        """What went wrong, or nothing."""
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
        except OSError as problem:
            return repr(problem)
        except http.client.HTTPException as problem:
            return repr(problem)
        return None if answer.status == 200 else f"HTTP {answer.status}"
