"""An HR file's way into the staff list: read, map, parse, plan, apply, undo."""
