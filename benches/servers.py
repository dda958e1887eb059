"""Servers of databases and of objects for benchmarks, each started in a folder of its own on a free port and stopped afterwards."""
import contextlib
import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import psycopg

KEY, SECRET = "benchkey", "benchsecret"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def user_of(name, folder):
    """Servers refuse to be root: then they run as their own user."""
    if os.getuid() != 0:
        return {}
    shutil.chown(folder, name, name)
    return {"user": name, "group": name, "extra_groups": []}


@contextlib.contextmanager
def postgresql(folder: pathlib.Path):
    """A PostgreSQL with the superuser `app`; yields its port."""
    programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    port, who, data = free_port(), user_of("postgres", folder), folder / "data"
    subprocess.run([programs / "initdb", "-D", data, "-U", "app", "--auth=trust"], check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)
    command = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "shared_buffers=256MB", "-c", "max_locks_per_transaction=256"]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **who)
    try:
        for _ in range(100):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(host="127.0.0.1", port=port, user="app", dbname="postgres").close()
                break
            time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


@contextlib.contextmanager
def mariadb(folder: pathlib.Path):
    """A MariaDB with the user `app`, password `secret`; yields its port."""
    port, who, data = free_port(), user_of("mysql", folder), folder / "data"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", "--auth-root-authentication-method=normal"]
    subprocess.run(install, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who)
    server_socket = folder / "socket"
    command = ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", f"--socket={server_socket}", "--bind-address=127.0.0.1",
               "--innodb-buffer-pool-size=512M", "--innodb-flush-log-at-trx-commit=0", "--table-open-cache=20000", "--open-files-limit=65000"]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **who)
    client = ["mariadb", "--no-defaults", f"--socket={server_socket}", "-u", "root"]
    try:
        for _ in range(300):
            if subprocess.run([*client, "-e", "SELECT 1"], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        subprocess.run([*client, "-e", "CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO app@'127.0.0.1'"], check=True)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(120)


@contextlib.contextmanager
def seaweed(folder: pathlib.Path):
    """SeaweedFS with one identity and the bucket `lake`; yields the ports of S3 and of the filer, by which objects are put without a signature."""
    names = ["s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "filer.port", "filer.port.grpc", "volume.port", "volume.port.grpc",
             "admin.port", "admin.port.grpc"]
    ports = {name: free_port() for name in names}
    identities = folder / "s3.json"
    identities.write_text('{"identities":[{"name":"a","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List"]}]}' % (KEY, SECRET))
    (folder / "data").mkdir()
    command = ["weed", "mini", f"-dir={folder}/data", f"-s3.config={identities}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
               "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", *(f"-{name}={port}" for name, port in ports.items())]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{ports['s3.port']}/x")
                except urllib.error.HTTPError as error:
                    if error.code == 403:
                        break
            time.sleep(0.2)
        shell = ["weed", "shell", f"-master=127.0.0.1:{ports['master.port']}.{ports['master.port.grpc']}",
                 f"-filer=127.0.0.1:{ports['filer.port']}.{ports['filer.port.grpc']}"]
        subprocess.run(shell, input=b"s3.bucket.create -name lake\nexit\n", check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield ports["s3.port"], ports["filer.port"]
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait(30)


def put(filer: int, key: str, file: pathlib.Path):
    """Puts a file into the bucket."""
    with open(file, "rb") as content:
        url = f"http://127.0.0.1:{filer}/buckets/lake/{key}"
        length = {"Content-Length": str(file.stat().st_size)}
        urllib.request.urlopen(urllib.request.Request(url, data=content, headers=length, method="PUT")).close()
