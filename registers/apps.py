from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "registers"
    verbose_name = "Registers"

    def ready(self) -> None:
        from accounts.enums import Capability
        from accounts.navigation import register
        from registers import events  # noqa: F401

        register("Registers", "registers:held_certificate_list", Capability.REGISTERS_VIEW, order=65)
