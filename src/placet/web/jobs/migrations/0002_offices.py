from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "subscription",
            "office",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.RemoveConstraint("subscription", "told_once_there"),
        migrations.AddConstraint(
            "subscription",
            models.UniqueConstraint(fields=("person", "office", "address"), name="told_once_there"),
        ),
    ]
