"""Show a figure in a notebook as HTML with alternative text, and as that text alone."""

import base64
import html
import io

__all__ = ["mimebundle", "show"]

LARGE = 150_000  # bytes of a PNG; line drawings are much smaller


def mimebundle(figure, alt):
    """Return what a notebook stores for a figure.

    Args:
        figure: a matplotlib Figure.
        alt: a sentence that says what the figure shows, for readers who cannot see it.

    Returns:
        a dict from MIME types to contents: the image with its alternative text as ``text/html``,
        and the alternative text alone as ``text/plain``.

    Raises:
        ValueError: ``alt`` is empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected a sentence that says what the figure shows, got {alt!r}")
    alt = " ".join(alt.split())
    buffer = io.BytesIO()
    # without the version of matplotlib, the same picture always gives the same bytes
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
    """Return (format, bytes): a large PNG, which contains photographs, becomes a smaller WebP."""
    if len(png) < LARGE:
        return "png", png
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "webp", quality=95)
    return "webp", buffer.getvalue()


def _pixel_width(png):
    """Return the width of a PNG image, which is the first field of its IHDR chunk."""
    return int.from_bytes(png[16:20], "big")


def show(figure, alt):
    """Show ``figure`` in a notebook; ``alt`` is a sentence that says what it shows."""
    from IPython.display import display

    display(mimebundle(figure, alt), raw=True)
