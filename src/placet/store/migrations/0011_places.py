"""A permit has a place on the status list that there is: a list with another cannot be signed.

The sequencer signs a list with the batch that changed it, so one such permit would keep every
later act from getting a number.
"""

from django.db import migrations

from placet.review.commands import PLACES

FITS = f"""
ALTER TABLE permit ADD CONSTRAINT permit_has_a_place CHECK (status_index < {PLACES}) NOT VALID;
"""


class Migration(migrations.Migration):
    """Holds from here on; what is on file is not read for it."""

    dependencies = [("store", "0010_takings_of_numbers")]

    operations = [migrations.RunSQL(FITS)]
