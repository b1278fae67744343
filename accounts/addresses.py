from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Who called: behind TRUSTED_PROXIES proxies, the address that the outermost of them saw."""
    if settings.TRUSTED_PROXIES:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            return forwarded[-settings.TRUSTED_PROXIES].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
