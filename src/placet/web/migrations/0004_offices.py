from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0003_uploads"),
    ]

    operations = [
        migrations.AddField(
            "draft",
            "office",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            "upload",
            "office",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            "keptlist",
            "office",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            "keptlist",
            "kept_at",
            models.DateTimeField(auto_now=True, default=timezone.now),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("keptlist", "list_named_once"),
        migrations.AddConstraint(
            "keptlist",
            models.UniqueConstraint(fields=("person", "office", "name"), name="list_named_once"),
        ),
    ]
