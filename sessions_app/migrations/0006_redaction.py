"""Puts the triggers anew: an open Redaction also lets the reason of a withdrawal change
(sessions_app.guards)."""

from django.db import migrations

from sessions_app import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0005_issuing")]
    # Backwards, the guards stay: 0002 takes them away.
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
