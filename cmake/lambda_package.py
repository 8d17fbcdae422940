#!/usr/bin/env python3
"""The package of the Lambda function: the program, and time zones, which Lambda's OS-only runtime may lack. The same
inputs give the same bytes.

usage: lambda_package.py BOOTSTRAP OUTPUT.zip
"""

import sys
import zipfile
from pathlib import Path

ZONES = Path("/usr/share/zoneinfo")
NO_ZONES = ("posix/", "right/", "posixrules", "localtime")  # copies of others


def zones():
    for path in sorted(ZONES.rglob("*")):
        name = path.relative_to(ZONES).as_posix()
        if path.is_file() and not name.startswith(NO_ZONES):
            content = path.read_bytes()
            if content.startswith(b"TZif"):
                yield name, content


def add(package, name, content, mode):
    info = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
    info.external_attr = (0o100000 | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(info, content)


def main(bootstrap, output):
    found = list(zones())
    if not found:
        sys.exit(f"no time zones in {ZONES}; install tzdata")
    with zipfile.ZipFile(output, "w", compresslevel=9) as package:
        add(package, "bootstrap", Path(bootstrap).read_bytes(), 0o755)
        for name, content in found:
            add(package, f"zoneinfo/{name}", content, 0o644)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
