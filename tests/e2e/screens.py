"""Puts the pictures of all pages on one sheet: python3 tests/e2e/screens.py target/screens tests/issuer/screens.png

Every page as it is in the light, and a choice of them in the dark, on a phone and at 200 %. Needs Pillow.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, MOST, GAP, LABEL, COLUMNS = 300, 360, 10, 16, 12
# Pages that are shown in the other views, too.
CHOSEN = [
    "portal-sign-in", "portal-authenticators", "activate-dialog", "activate-qr-code", "portal-account",
    "verify-certificate", "verify-face-taken", "desk", "desk-token-locked", "desk-review", "desk-policy", "desk-audit",
]


def thumbnail(path):
    page = Image.open(path).convert("RGB")
    page = page.resize((WIDTH, max(1, page.height * WIDTH // page.width)), Image.Resampling.LANCZOS)
    return page.crop((0, 0, WIDTH, min(MOST, page.height)))


def main(folder, sheet):
    pages = sorted(Path(folder).glob("*-light.png"))
    pages += [Path(folder) / f"{name}-{view}.png" for view in ("dark", "phone", "zoomed") for name in CHOSEN]
    font = ImageFont.load_default(11)
    rows = -(-len(pages) // COLUMNS)
    size = (COLUMNS * (WIDTH + GAP) + GAP, rows * (MOST + LABEL + GAP) + GAP)
    image = Image.new("RGB", size, "#6b7280")
    draw = ImageDraw.Draw(image)
    for number, path in enumerate(pages):
        x = GAP + number % COLUMNS * (WIDTH + GAP)
        y = GAP + number // COLUMNS * (MOST + LABEL + GAP)
        draw.text((x, y), path.stem, fill="white", font=font)
        image.paste(thumbnail(path), (x, y + LABEL))
    # 256 colours of its own are enough for pages: a third of the size.
    image.quantize(256, dither=Image.Dither.NONE).save(sheet, optimize=True)
    print(f"{len(pages)} pictures, {Path(sheet).stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
