"""Questions from and for other systems: Moodle XML, GIFT, and the product's own YAML. Without a database."""
