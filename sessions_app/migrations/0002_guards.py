"""Puts the triggers on the insert-only tables (sessions_app.guards)."""

from django.db import migrations

from sessions_app import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_rows")]
    operations = [migrations.RunPython(install, remove)]
