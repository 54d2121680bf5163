from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "answered",
            "office",
            models.CharField(default="", max_length=200),
        ),
        migrations.RemoveConstraint("answered", "one_answer_to_a_key"),
        migrations.AddConstraint(
            "answered",
            models.UniqueConstraint(fields=("person", "office", "key"), name="one_answer_to_a_key"),
        ),
    ]
