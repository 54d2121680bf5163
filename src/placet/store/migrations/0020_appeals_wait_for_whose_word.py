"""The rows by which lists find cases, anew: an appeal waits for whose word it is against."""

from django.db import migrations

from placet.store.desk_rows import compared_of, desk_of, filled_by


class Migration(migrations.Migration):
    """Works every row out anew; there is no way back."""

    dependencies = [("store", "0019_days_of_who_has_spoken")]

    operations = [
        migrations.RunSQL("DELETE FROM desk"),
        migrations.RunPython(filled_by(desk_of)),
        migrations.RunPython(filled_by(compared_of)),
    ]
