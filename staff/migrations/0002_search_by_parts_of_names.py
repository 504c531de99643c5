"""An index by which PostgreSQL finds parts of names: nobody waits for a search that finds nobody among 100,000 people.

It needs the extension pg_trgm, which the owner of a database may create since PostgreSQL 13. Where that is not so, the search
reads the whole list instead: docs/operations.md says how to make the index later. SQLite always reads the list.
"""

from django.db import DatabaseError, migrations, transaction

NAME = "person_by_part_of_name"
INDEX = f"""
CREATE INDEX IF NOT EXISTS {NAME} ON staff_person USING gin
(UPPER(first_name::text) gin_trgm_ops, UPPER(last_name::text) gin_trgm_ops, UPPER(staff_number::text) gin_trgm_ops)
"""


def make_index(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(INDEX)
    except DatabaseError:
        return


def remove_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]

    operations = [migrations.RunPython(make_index, remove_index)]
