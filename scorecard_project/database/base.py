import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """An idle connection has nothing to read unless the server has closed it or says why it will."""
        if self.connection.closed:
            return False
        poll = select.poll()  # select() takes no descriptor above 1,023
        poll.register(self.connection, select.POLLIN)
        return not poll.poll(0)
