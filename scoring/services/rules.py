from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from scoring.models import Alert, Rule


def remove_rule(*, rule: Rule) -> None:
    """A rule that ever raised an alert stays with it, and can be switched off."""
    if Alert.objects.filter(rule=rule).exists():
        message = _("It has raised alerts, which would be lost: switch it off instead.")
        raise InvalidInput.at("", message)
    rule.delete()
