#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from scorecard_project.embedded import commandline, supervisor
from scorecard_project.embedded.errors import EmbeddedError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scorecard_project.settings")
    arguments = commandline.take_home(sys.argv)
    if arguments[1:2] == ["run"]:
        # Without Django: this process lives as long as the installation and only watches.
        supervisor.main(arguments[2:])
        return
    with commandline.environment_for(arguments):
        execute_from_command_line(arguments)


if __name__ == "__main__":
    try:
        main()
    except EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
