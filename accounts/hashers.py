"""Password hashing at OWASP's minimum for Argon2id: 19 MiB, two passes, one lane."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class TenfoldArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with a memory cost that twenty sign-ins at once can afford on a small machine."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
