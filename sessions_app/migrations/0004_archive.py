"""The archive is where staff find a session, and no longer part of what it prints."""

from django.db import migrations, models


def put_into_the_archive(apps, schema_editor):
    session = apps.get_model("sessions_app", "Session")
    session.objects.filter(status="archived").update(status="active", is_archived=True)


def take_out(apps, schema_editor):
    session = apps.get_model("sessions_app", "Session")
    session.objects.filter(is_archived=True).update(status="archived")


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0003_history")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="is_archived",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="in the archive"
            ),
        ),
        migrations.RunPython(put_into_the_archive, take_out),
        migrations.AlterField(
            model_name="session",
            name="status",
            field=models.CharField(
                choices=[("active", "active"), ("cancelled", "cancelled")],
                default="active",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]
