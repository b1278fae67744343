from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Reads the hashes of the factories; no test is about the cost of hashing."""

    iterations = 1
