"""Prints the table."""

from __future__ import annotations

from rows import TITLES, Figure, Results, Row


def shown(figure: Figure, unit: str) -> str:
    """Write a figure with its least and most."""
    digits = 2 if abs(figure.value) < 20 else 1 if abs(figure.value) < 100 else 0
    value, low, high = (f"{number:,.{digits}f}" for number in (figure.value, figure.low, figure.high))
    return f"{value} {unit} ({low}-{high})"


def verdict(row: Row, figures: list[Figure]) -> str:
    """Say whether the reach is met, by every clock."""
    met = [row.met(figure) for figure in figures]
    if met[0] is None:
        return ""
    return "yes" if all(met) else "NO" if not any(met) else "CPU " + ("yes, wall NO" if met[0] else "NO, wall yes")


def print_table(rows: list[Row], results: Results) -> None:
    """Print all rows."""
    print(f"{'':<62}{'CPU':>26}{'wall':>26}  {'reach':<18}met")
    for row in rows:
        figures = [row.figure(results, clock) for clock in row.clocks]
        columns = "".join(f"{shown(figure, row.unit):>26}" for figure in figures)
        reach = "" if row.reach is None else f"{row.way} {row.reach:g} {row.unit}"
        print(f"{row.group:<8}{row.what:<58}{columns}  {reach:<18}{verdict(row, figures)}")


def print_times(results: Results) -> None:
    """Print what every contender took, by CPU: the medians that the rows are made of."""
    for name, rounds in results.items():
        print(f"\n{name}: CPU, median (least-most)")
        for contender in rounds[0]:
            figure = Figure.of([one[contender]["cpu"] for one in rounds])
            print(f"  {TITLES[contender]:<28}{figure.value:>14,.1f} ({figure.low:,.1f}-{figure.high:,.1f})")
