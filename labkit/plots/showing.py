"""How a figure gets into a notebook: as HTML with alternative text, and as that text alone."""

import base64
import html
import io

__all__ = ["mimebundle", "show"]

LARGE = 150_000  # bytes: line art stays far below


def mimebundle(figure, alt):
    """What a notebook stores for ``figure``: HTML with alt text, and the alt text alone.

    Raises:
        ValueError: ``alt`` is empty: a picture without words is lost on those who cannot see it.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected a sentence that says what the figure shows, got {alt!r}")
    alt = " ".join(alt.split())
    buffer = io.BytesIO()
    # no software version: the same picture is the same bytes
    figure.savefig(buffer, format="png", dpi=144, bbox_inches="tight", metadata={"Software": None})
    png = buffer.getvalue()
    kind, data = _lean(png)
    picture = (
        f'<img alt="{html.escape(alt)}" width="{_pixel_width(png) // 2}" '
        'style="max-width:100%;height:auto;background:#fff" '
        f'src="data:image/{kind};base64,{base64.b64encode(data).decode("ascii")}">'
    )
    return {"text/html": picture, "text/plain": f"Figure: {alt}"}


def _lean(png):
    """(format, bytes): as WebP, a fifth of the bytes, when there are photographs in the picture."""
    if len(png) < LARGE:
        return "png", png
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "webp", quality=95)
    return "webp", buffer.getvalue()


def _pixel_width(png):
    return int.from_bytes(png[16:20], "big")  # the IHDR chunk's first field


def show(figure, alt):
    """Show ``figure`` in a notebook; ``alt`` says in words what is to be seen in it."""
    from IPython.display import display

    display(mimebundle(figure, alt), raw=True)
