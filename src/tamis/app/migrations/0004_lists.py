"""What lists need of the schema: refused lines that are settled, first steps that are closed, quick leafing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tamis', '0003_sheets'),
    ]

    operations = [
        migrations.AddField(
            model_name='refusedline',
            name='settled_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled_lines', to='tamis.act'),
        ),
        migrations.AddField(
            model_name='user',
            name='first_steps_closed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name='listline',
            index=models.Index(condition=models.Q(('removed_by', None)), fields=['version', 'status', 'name_key', 'id'], name='line_held_state'),
        ),
        migrations.AddIndex(
            model_name='listline',
            index=models.Index(condition=models.Q(('removed_by', None)), fields=['version', 'name_key', 'id'], name='line_held_name'),
        ),
    ]
