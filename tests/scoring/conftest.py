from tests.usage.conftest import committed

__all__ = ["committed"]
