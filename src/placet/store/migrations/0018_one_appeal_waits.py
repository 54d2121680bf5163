"""The rows by which lists find cases, anew: of two appeals that lie one waits, by an older log."""

from django.db import migrations

from placet.store.desk_rows import compared_of, desk_of, filled_by


class Migration(migrations.Migration):
    """Works every row out anew; there is no way back."""

    dependencies = [("store", "0017_takings_of_one_use")]

    operations = [
        migrations.RunSQL("DELETE FROM desk"),
        migrations.RunPython(filled_by(desk_of)),
        migrations.RunPython(filled_by(compared_of)),
    ]
