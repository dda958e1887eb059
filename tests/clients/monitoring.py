"""The HTTP port as its users meet it: health checks, Prometheus, and the status page in a browser without a window.

    tests/clients/monitoring.py PORT PASSWORD

The gateway has a statement that runs, with the word "endless" in it, and a source named files.
"""
import base64
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

PORT, PASSWORD = int(sys.argv[1]), sys.argv[2]


def get(path: str, user: str | None = None, password: str = PASSWORD, method: str = "GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", method=method)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def in_browser(path: str) -> str:
    """What the page is after a browser has made it its own."""
    url = f"http://weft:{PASSWORD}@127.0.0.1:{PORT}{path}"
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--dump-dom", url]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


for path in ("/health", "/ready"):
    assert get(path)[0] == 200, path
assert get("/nowhere")[0] == 404
status, _, headers = get("/health", method="POST")
assert (status, headers["Allow"]) == (405, "GET, HEAD")
assert get("/health", method="HEAD")[:2] == (200, "")
print("health: ok")

status, text, headers = get("/metrics")
assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers
families = {family.name: family for family in text_string_to_metric_families(text)}
value = lambda family, **labels: next(s.value for s in families[family].samples if labels.items() <= s.labels.items())
assert value("weft_statements_running") >= 1
assert value("weft_statements", outcome="finished") >= 1
assert value("weft_statement_errors", sqlstate="22012") == 1
assert value("weft_source_up", source="files") == 1
assert value("weft_workers", kind="embedded", state="active") == 1
histogram = families["weft_statement_seconds"]
assert histogram.type == "histogram"
buckets = [s.value for s in histogram.samples if s.name.endswith("_bucket")]
assert buckets == sorted(buckets) and buckets[-1] == next(s.value for s in histogram.samples if s.name.endswith("_count")), buckets
assert PASSWORD not in text
print(f"metrics: ok, {len(families)} of them")

for user, password in ((None, ""), ("weft", "wrong"), ("nobody", PASSWORD)):
    status, body, headers = get("/", user, password)
    assert status == 401 and headers["WWW-Authenticate"].startswith("Basic"), (user, status)
    assert "endless" not in body
status, body, headers = get("/", "weft")
assert status == 200 and "default-src 'none'" in headers["Content-Security-Policy"], status
assert "<script>alert" not in body
page = in_browser("/")
for wanted in ("<h2>Statements</h2>", "endless", "<h2>Workers</h2>", "local", "<h2>Sources</h2>", "files", "&lt;script&gt;alert"):
    assert wanted in page, (wanted, page)
assert re.search(r'<td class="active">active</td>', page), page
print("page: ok")
