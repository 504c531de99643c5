"""Copy nhsuk-frontend into ``nhsuk/static/nhsuk`` with the edits self-hosting needs.

Run by a developer after ``npm install nhsuk-frontend@<version>`` in any folder:

    python tools/vendor_nhsuk.py <folder>/node_modules/nhsuk-frontend

Edits: the web fonts are dropped (they load from another host and are licensed separately), image
addresses become relative, and source-map lines go (the maps are not shipped).
"""

import re
import shutil
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "nhsuk" / "static" / "nhsuk"
LOGO_FILES = {"nhsuk-opengraph-image.png"}
"""Pictures that carry the NHS logo, which is not ours to use."""


def vendored_css(css: str) -> str:
    """Return ``css`` without web fonts, absolute image addresses or source maps."""
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r"url\((['\"]?)/assets/images/", r"url(\1images/", css)
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    if "@font-face" in css or "assets.nhs.uk" in css:
        sys.exit("the stylesheet still names a web font: mend vendored_css()")
    return css.strip() + "\n"


def main(package: Path) -> None:
    dist = package / "dist" / "nhsuk"
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "images").mkdir(parents=True)
    css = (dist / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    (TARGET / "nhsuk-frontend.min.css").write_text(vendored_css(css), encoding="utf-8")
    script = (dist / "nhsuk-frontend.min.js").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=.*", "", script).strip() + "\n"
    (TARGET / "nhsuk-frontend.min.js").write_text(script, encoding="utf-8")
    for image in (dist / "assets" / "images").iterdir():
        if image.name not in LOGO_FILES and not image.name.startswith(
            ("favicon", "nhsuk-icon-1", "nhsuk-icon-5", "nhsuk-icon-mask")
        ):
            shutil.copy(image, TARGET / "images" / image.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
