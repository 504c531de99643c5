"""Policies as text: the simple markup they are written in, the templates that ship, and the documents made of them."""
