"""The registers' forms, one module a register."""
