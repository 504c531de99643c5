"""What changes a register, one module a register."""
