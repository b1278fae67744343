from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from scoring.models import Scheme, Scorecard


def users_of(scheme: Scheme) -> list[Scorecard]:
    """Scorecards that show their scores by this scheme, published or in a draft."""
    names = Q(draft__scheme=scheme.key) | Q(current_version__document__scheme=scheme.key)
    return list(Scorecard.objects.filter(names).order_by("name"))


@transaction.atomic
def remove_scheme(*, scheme: Scheme) -> None:
    """Published versions keep their bands; a scorecard that uses it now could not be published."""
    users = users_of(scheme)
    if users:
        names = ", ".join(f"“{scorecard.name}”" for scorecard in users)
        message = _("It is used by %(names)s: choose another scheme there first.")
        raise InvalidInput.at("", message % {"names": names})
    scheme.delete()
