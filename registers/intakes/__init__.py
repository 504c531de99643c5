"""How spreadsheets come into the registers that have pages of their own: one module a register."""
