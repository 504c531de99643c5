"""The design system: layouts, form fields and static files. It knows no word of the domain."""
