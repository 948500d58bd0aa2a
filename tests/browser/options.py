"""How the tests start Chromium."""

#: Chromium without a sandbox (CI runs as root) and without anything that calls home.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1400,1200", "--virtual-time-budget=5000", "--enable-logging=stderr",
)  # fmt: skip
