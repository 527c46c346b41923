"""QR codes as SVG, drawn on this machine."""

import io

import segno


def qr_svg(text: str, *, scale: int = 4) -> str:
    """Return `text` as the SVG of a QR code, with error correction M and the quiet zone scanners need.

    `scale` is user units per module. It is black on white on any page, as scanners want it.
    """
    code = segno.make_qr(text, error="m", boost_error=False)
    out = io.BytesIO()
    code.save(out, kind="svg", scale=scale, xmldecl=False, svgns=True, dark="#000", light="#fff")
    return out.getvalue().decode()
