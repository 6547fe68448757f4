#!/usr/bin/env python3
"""Runs the console for a long time on a server of ten thousand alerts that flap, and says how its memory and its open
files grow: tests/soak.py [MINUTES] [--binary target/release/quell] [--alerts 10000]. Fails when it ends by itself."""

import argparse
import contextlib
import datetime
import fcntl
import http.server
import json
import os
import pty
import select
import signal
import struct
import tempfile
import termios
import threading
import time

SAMPLE = 5.0  # seconds
SETTLED = 0.25  # of the time, before which nothing counts: everything is read for the first time


class Alerts:
    """Every poll a hundredth of them has gone, another one than before; and one critical comes and goes."""

    def __init__(self, count):
        self.count = count
        self.polls = 0
        began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        self.began = began.isoformat().replace("+00:00", "Z")
        self.bodies = [json.dumps(self.alert(n)) for n in range(count)]
        self.critical = json.dumps(self.alert(count, "critical"))

    def alert(self, n, severity=None):
        labels = {
            "alertname": f"ConsumerLag{n}",
            "service": f"orders-{n // 8}",
            "severity": severity or ("high" if n % 3 == 0 else "info"),
            "pod": f"consumer-{n:05}",
            "namespace": "trading",
            "cluster": "eu-1",
            "team": "platform",
        }
        return {
            "labels": labels,
            "annotations": {"summary": f"Consumer {n} of orders-{n % 40} lags by {n * 17} messages"},
            "startsAt": self.began,
            "updatedAt": self.began,
            "endsAt": "2099-01-01T00:00:00.000Z",
            "fingerprint": f"{n:016x}",
            "receivers": [{"name": "nobody"}],
            "status": {"state": "active", "inhibitedBy": [], "silencedBy": []},
            "generatorURL": "http://prometheus.example.com/graph",
        }

    def now(self):
        self.polls += 1
        out = [body for n, body in enumerate(self.bodies) if (n + self.polls) % 100]
        if self.polls % 2:
            out.append(self.critical)
        return "[" + ",".join(out) + "]"


def serve(alerts):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path.startswith("/api/v2/alerts"):
                body = alerts.now()
            elif self.path.startswith("/api/v2/silences"):
                body = "[]"
            else:
                cluster = {"status": "ready", "peers": []}
                config = {"original": ""}
                body = json.dumps(
                    {"cluster": cluster, "versionInfo": {"version": "0.27.0"}, "uptime": alerts.began, "config": config}
                )
            body = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            """Whoever asked is gone."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def start(binary, folder, port):
    config = os.path.join(folder, "config.toml")
    with open(config, "w", encoding="utf-8") as file:
        file.write(
            "operator = 'ana'\n[[source]]\nkind = 'alertmanager'\nname = 'am'\nevery = '5s'\n"
            f"urls = ['http://127.0.0.1:{port}']\n"
        )
    os.chmod(config, 0o600)
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "XDG_STATE_HOME": folder,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
        }
        os.execve(binary, [binary, "--config", config], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
    return pid, terminal


def look(pid):
    """Resident kilobytes, open files, seconds of processor time."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return resident, len(os.listdir(f"/proc/{pid}/fd")), seconds


def slope(samples, place):
    """The slope of a straight line through them, per hour."""
    count = len(samples)
    times = [sample[0] / 3600 for sample in samples]
    values = [sample[place] for sample in samples]
    middle, level = sum(times) / count, sum(values) / count
    width = sum((t - middle) ** 2 for t in times)
    return sum((t - middle) * (v - level) for t, v in zip(times, values)) / width if width else 0.0


def run(pid, terminal, until):
    """Somebody looks on, and presses a key now and then."""
    samples, began, taken, keys = [], time.monotonic(), 0, 0
    due = began + SAMPLE
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], max(0.0, due - time.monotonic()))
        if ready:
            try:
                taken += len(os.read(terminal, 65536))
            except OSError:
                # Nobody holds the other side any more.
                return samples, taken, False
        if time.monotonic() >= due:
            due += SAMPLE
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                return samples, taken, False
            samples.append((time.monotonic() - began, *look(pid)))
            os.write(terminal, b"jjkm\x1b?\x1b"[keys % 7 : keys % 7 + 1])
            keys += 1
            if keys % 12 == 0:
                _, resident, files, seconds = samples[-1]
                print(f"{samples[-1][0]:7.0f} s  {resident:8} kB  {files:4} files  {seconds:8.1f} s of cpu", flush=True)
    return samples, taken, True


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("minutes", nargs="?", type=float, default=30)
    arguments.add_argument("--binary", default="target/release/quell")
    arguments.add_argument("--alerts", type=int, default=10_000)
    given = arguments.parse_args()
    alerts = Alerts(given.alerts)
    with tempfile.TemporaryDirectory(prefix="quell-soak-", ignore_cleanup_errors=True) as folder:
        pid, terminal = start(os.path.abspath(given.binary), folder, serve(alerts))
        try:
            samples, taken, lives = run(pid, terminal, time.monotonic() + given.minutes * 60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    counted = [sample for sample in samples if sample[0] >= samples[-1][0] * SETTLED]
    residents, files = [sample[1] for sample in counted], [sample[2] for sample in counted]
    print(f"{alerts.polls} polls of {given.alerts} alerts, {taken} bytes drawn, {len(counted)} samples after it settled")
    # Each incident is copied when it first changes, which stirs the heap: what grows for ever grows in the end as well.
    last = [sample for sample in samples if sample[0] >= samples[-1][0] * 0.75]
    print(f"resident {min(residents)}..{max(residents)} kB, slope {slope(counted, 1):+.0f} kB an hour, {slope(last, 1):+.0f} in the last quarter")
    print(f"open files {min(files)}..{max(files)}, slope {slope(counted, 2):+.2f} an hour")
    if not lives:
        raise SystemExit("it ended by itself")


if __name__ == "__main__":
    main()
