from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_changes")]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "key",
                    models.CharField(max_length=250, primary_key=True, serialize=False),
                ),
                ("value", models.TextField()),
                ("until", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
    ]
