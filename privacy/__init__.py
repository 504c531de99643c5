"""What is kept about people, for how long, what holds it back, and a copy for the person it is about."""
