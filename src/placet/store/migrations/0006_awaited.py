"""A case whose outcome is out waits for nobody, and no list that asks for whom finds it."""

from django.db import migrations


class Migration(migrations.Migration):
    """Takes the names away that closed cases were found by; there is no way back."""

    dependencies = [("store", "0005_takings")]

    operations = [
        migrations.RunSQL("UPDATE listing SET awaited = '{}' WHERE status <> 'under-review'"),
    ]
