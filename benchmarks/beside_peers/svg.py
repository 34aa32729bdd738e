"""Charts as SVG text: axes, lines and dots, in colours that colour-blind people can tell apart."""

import html
import math

BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = (
    "#000000", "#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7")  # Okabe and Ito
GRID, INK = "#e3e3e3", "#333333"


def text(x, y, content, anchor="start", size=12, weight="normal", colour=INK, turn=None):
    turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'font-weight="{weight}" fill="{colour}"{turned}>{html.escape(content)}</text>')


def line(x1, y1, x2, y2, colour=GRID, width=1.0, dash=None):
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"{dashed}/>')


def dot(x, y, colour, filled=True, radius=4.0):
    fill = colour if filled else "#ffffff"
    return (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{colour}" '
            f'stroke-width="1.5"/>')


def path(points, colour, dash=None):
    steps = " ".join(f"{'M' if i == 0 else 'L'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


def document(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="Helvetica, Arial, sans-serif">\n'
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n' + "\n".join(parts) +
            "\n</svg>\n")


def short(value):
    return f"{value:.3g}"


class Scale:
    """From values to places on an axis, by their logarithm if asked for."""

    def __init__(self, low, high, begin, end, logarithmic=False):
        self.convert = math.log if logarithmic else float
        self.low, self.high, self.begin, self.end = low, high, begin, end

    def __call__(self, value):
        low, high = self.convert(self.low), self.convert(self.high)
        return self.begin + (self.convert(value) - low) / (high - low) * (self.end - self.begin)


def decades(low, high):
    """Ticks at 1, 2 and 5 times powers of ten."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0 ** exponent for exponent in exponents for digit in (1, 2, 5)]
    return [tick for tick in ticks if low <= tick <= high]


class Panel:
    """A chart with logarithmic axes, for several lines in one rectangle."""

    def __init__(self, left, top, width, height, title, x_label, y_label):
        self.left, self.top, self.width, self.height = left, top, width, height
        self.labels = title, x_label, y_label
        self.series = []

    def add(self, points, colour, dash=None):
        if points:
            self.series.append((sorted(points), colour, dash))

    def svg(self):
        title, x_label, y_label = self.labels
        parts = [text(self.left, self.top - 12, title, size=14, weight="bold")]
        if not self.series:
            return parts + [text(self.left, self.top + 20, "not measured")]
        xs = sorted({x for points, _, _ in self.series for x, _ in points})
        ys = [y for points, _, _ in self.series for _, y in points]
        bottom, right = self.top + self.height, self.left + self.width
        x_scale = Scale(xs[0] / 1.1, xs[-1] * 1.1, self.left, right, logarithmic=True)
        y_scale = Scale(min(ys) / 1.2, max(ys) * 1.2, bottom, self.top, logarithmic=True)
        for tick in decades(y_scale.low, y_scale.high):
            parts += [line(self.left, y_scale(tick), right, y_scale(tick)),
                      text(self.left - 6, y_scale(tick) + 4, short(tick), "end", 11)]
        for x in xs:
            parts += [line(x_scale(x), self.top, x_scale(x), bottom),
                      text(x_scale(x), bottom + 16, short(x), "middle", 11)]
        parts += [line(self.left, bottom, right, bottom, INK), line(self.left, self.top, self.left,
                                                                    bottom, INK),
                  text((self.left + right) / 2, bottom + 34, x_label, "middle"),
                  text(self.left - 44, (self.top + bottom) / 2, y_label, "middle", turn=-90)]
        for points, colour, dash in self.series:
            places = [(x_scale(x), y_scale(y)) for x, y in points]
            parts += [path(places, colour, dash)] + [dot(x, y, colour, dash is None, 3)
                                                     for x, y in places]
        return parts


def legend(left, top, entries, step):
    """Entries of a name, a colour and a dash, side by side."""
    parts = []
    for number, (name, colour, dash) in enumerate(entries):
        x = left + number * step
        parts += [path([(x, top), (x + 26, top)], colour, dash),
                  dot(x + 13, top, colour, dash is None, 3), text(x + 32, top + 4, name)]
    return parts


def dot_rows(title, x_label, rows, entries, reference=1.0, logarithmic=True):
    """A row for each (name, [(value, colour, filled)]), and a line where both are equal."""
    left, right, top, step = 330, 900, 92, 21
    values = [value for _, dots in rows for value, _, _ in dots] + [reference]
    height = top + step * len(rows) + 56
    scale = Scale(min(values) / 1.08, max(values) * 1.08, left, right, logarithmic)
    parts = [text(20, 28, title, size=16, weight="bold")]
    for number, (name, colour, filled) in enumerate(entries):
        parts += [dot(30 + number * 215, 54, colour, filled), text(42 + number * 215, 58, name)]
    bottom = top + step * len(rows) - 8
    for tick in ticks(scale.low, scale.high, logarithmic):
        parts += [line(scale(tick), top - 14, scale(tick), bottom),
                  text(scale(tick), bottom + 18, short(tick), "middle", 11)]
    parts += [line(scale(reference), top - 14, scale(reference), bottom, INK, 1.5),
              text((left + right) / 2, bottom + 38, x_label, "middle")]
    for number, (name, dots) in enumerate(rows):
        y = top + step * number
        parts += [text(left - 12, y + 4, name, "end"), line(left, y, right, y, GRID, 0.6)]
        parts += [dot(scale(value), y, colour, filled) for value, colour, filled in dots]
    return document(right + 40, height, parts)


def ticks(low, high, logarithmic):
    if not logarithmic:
        return [tick for tick in range(0, 1000, 10) if low <= tick <= high]
    candidates = (0.25, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200)
    return [tick for tick in candidates if low <= tick <= high]
