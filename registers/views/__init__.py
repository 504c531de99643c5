"""The registers' pages, one module a register."""
