"""The one statement of a completion rate: every post of the day with its holder's standing once, and all counts from that.

Django has no WITH, so its own SQL for the posts is put into a statement by hand. Where each group worked everybody's
standing out again, PostgreSQL took more than twice the time of hand-written SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

TOTAL = "total"
SEVERAL = "several"
"""Rows about people with posts in several units: who is where, so that a branch counts them once."""

Row = tuple[str, str, int, str, str, int]


def counted(posts: QuerySet[Any], fields: Mapping[str, str], *, included: int, several_of: str | None = None) -> Iterator[Row]:
    """Counts of people by rank, status and what leaves them out of the net figure: in all, and for each group.

    Args:
        posts: rows with ``person``, ``rank``, ``status``, ``left_out`` and the fields; somebody's rank is that of their best post.
        fields: for each kind of group, by a name of ours, the row's field that says which group.
        included: the last rank that counts in a group.
        several_of: a name of those: also a row for each person and group of people in several, as ``person:group``.
    """
    inside = f"rank_of <= {included:d}"
    people = "SELECT person, MIN(rank_of) AS rank_of, MIN(status) AS status, MIN(left_out) AS left_out FROM posts GROUP BY person"
    parts = [f"SELECT '{TOTAL}', '', rank_of, status, left_out, COUNT(*) FROM ({people}) p GROUP BY rank_of, status, left_out"]  # noqa: S608
    parts += [
        f"""SELECT '{name}', COALESCE(place_{place:d}, ''), 0, status, left_out, COUNT(DISTINCT person) FROM posts
            WHERE {inside} GROUP BY place_{place:d}, status, left_out"""  # noqa: S608
        for place, name in enumerate(fields)
    ]
    if several_of is not None:
        place = f"place_{list(fields).index(several_of):d}"
        parts.append(
            f"""SELECT DISTINCT '{SEVERAL}', CAST(person AS VARCHAR(20)) || ':' || {place}, 0, status, left_out, 1 FROM posts
                WHERE {inside} AND {place} IS NOT NULL AND person IN (
                    SELECT person FROM posts WHERE {inside} GROUP BY person HAVING COUNT(DISTINCT {place}) > 1)"""  # noqa: S608
        )
    rows = posts.order_by().values_list("person", "rank", "status", "left_out", *fields.values())
    sql, values = rows.query.sql_with_params()
    columns = ", ".join(("person", "rank_of", "status", "left_out", *_places(tuple(fields))))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH posts({columns}) AS MATERIALIZED ({sql}) {' UNION ALL '.join(parts)}", values)
        yield from cursor.fetchall()


def _places(fields: Sequence[str]) -> list[str]:
    return [f"place_{place:d}" for place in range(len(fields))]
