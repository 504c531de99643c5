#!/usr/bin/env python
"""Tenfold's command line. Without any setting in the environment it runs the embedded form."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.embedded")
    execute_from_command_line(sys.argv)
