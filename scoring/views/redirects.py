from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import WorkspaceRequest


def back_to(request: WorkspaceRequest, usual: str) -> HttpResponseRedirect:
    """The page of ours that the form names as `next`, or the usual one."""
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return HttpResponseRedirect(wanted if own else usual)
