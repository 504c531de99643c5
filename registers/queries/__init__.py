"""What the registers are asked, one module a topic."""
