from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vigie", "0010_pseudonyms"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ),
    ]
