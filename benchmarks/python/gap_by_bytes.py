#!/usr/bin/env python3
"""The quantization gap of packed models against their bytes: a Markdown table and, with --svg, a picture.

    python gap_by_bytes.py --float float.json [--svg OUT.svg] [--title TEXT] 'NAME[+DECODER]=REPORT.json,REPORT.json…' …

A REPORT is what `golf-eval MODEL -o REPORT.json --dump-nll REPORT.npy` leaves, and the losses lie beside it; REPORT.json@BYTES
where the file that was scored is not the one that counts. Losses are compared as far as the shortest goes, from the first
token on. DECODER is the bytes of what reads the artifacts; they count. ± is the standard error of the mean
difference over windows of the model, paired with the float model's. Points are drawn with it; the gap's axis is
logarithmic. Needs no package.
"""
import argparse
import json
import math
import os

from against_records import losses

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1000, 560, 90, 190, 92, 64
LEAST = 1e-5  # a gap that is drawn; smaller ones are hollow dots there
COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"]
DARK = ["#56a8e0", "#f0883e", "#2fc49a", "#e29cc4"]


class Report:
    def __init__(self, path):
        path, _, size = path.partition("@")
        with open(path) as file:
            report = json.load(file)
        result = report["results"][0]
        self.name = os.path.basename(path).removesuffix(".json")
        self.text_bytes, self.tokens, self.window = result["bytes"], result["tokens"], result["seq_len"]
        self.bytes = int(size or report["model"]["bytes"])
        self.losses = losses(path.removesuffix(".json") + ".npy")

    def bpb(self, tokens, text_bytes):
        return math.fsum(self.losses[:tokens]) / math.log(2) / text_bytes

    def gap(self, whole, tokens, text_bytes):
        """@return bits per byte over the float model and their standard error"""
        sums = [math.fsum(a - b for a, b in zip(self.losses[i:i + self.window], whole.losses[i:i + self.window]))
                for i in range(0, tokens, self.window)]
        mean = math.fsum(sums) / len(sums)
        error = math.sqrt(math.fsum((one - mean)**2 for one in sums) / (len(sums) - 1) * len(sums))
        unit = math.log(2) * text_bytes
        return math.fsum(sums) / unit, error / unit


def series_of(argument):
    """@return name, bytes of the decoder, reports"""
    name, paths = argument.split("=", 1)
    name, _, decoder = name.partition("+")
    return name, int(decoder or 0), [Report(path) for path in paths.split(",")]


def nice_step(span, count):
    unit = 10**math.floor(math.log10(span / count))
    return next(unit * factor for factor in (1, 2, 5, 10) if span / count <= unit * factor)


def picture(series, title, note):
    most = max(point[0] for _, points in series for point in points)
    least = min(point[0] for _, points in series for point in points)
    margin = 0.04 * (most - least)
    x_low, x_high = least - margin, most + margin
    gaps = [max(gap + side * error, LEAST) for _, points in series for _, gap, error, _ in points for side in (-1, 1)]
    y_low, y_high = math.log10(min(gaps)) - 0.05, math.log10(max(gaps)) + 0.08

    def x(size):
        return LEFT + (size - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def y(gap):
        return HEIGHT - BOTTOM - (math.log10(max(gap, LEAST)) - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    def text(at_x, at_y, words, size=13, more=""):
        return f'<text x="{at_x:.1f}" y="{at_y:.1f}" font-size="{size}"{more}>{words}</text>'

    light = "".join(f".series{i}{{color:{color}}}" for i, color in enumerate(COLORS))
    dark = "".join(f".series{i}{{color:{color}}}" for i, color in enumerate(DARK))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        "font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\" fill=\"#1b1f24\">",
        f"<style>.q{{fill-opacity:.7}}.grid{{stroke:#e2e5e9}}{light}@media(prefers-color-scheme:dark){{svg{{fill:#e6e9ed}}"
        f".ground{{fill:#15181c}}.grid{{stroke:#33393f}}{dark}}}</style>",
        '<rect class="ground" width="100%" height="100%" fill="#fff"/>',
        text(LEFT, 34, title, 20, ' font-weight="600"'), text(LEFT, 58, note, 13, ' class="q"'),
        text(LEFT, TOP - 12, "quantization gap, bits per byte", 13, ' class="q"'),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, "bytes, decoder included", 13, ' text-anchor="middle" class="q"')]
    for power in range(math.floor(y_low), math.ceil(y_high) + 1):
        for factor in (1, 2, 5):
            gap = factor * 10.0**power
            if y_low <= math.log10(gap) <= y_high:
                lines += [f'<path class="grid" d="M{LEFT} {y(gap):.1f}h{WIDTH - LEFT - RIGHT}"/>',
                          text(LEFT - 8, y(gap) + 4, f"{gap:.5f}".rstrip("0"), 12, ' text-anchor="end" class="q"')]
    step = nice_step(x_high - x_low, 7)
    for i in range(math.ceil(x_low / step), math.floor(x_high / step) + 1):
        lines += [f'<path class="grid" d="M{x(i * step):.1f} {TOP}v{HEIGHT - TOP - BOTTOM}"/>',
                  text(x(i * step), HEIGHT - BOTTOM + 18, f"{i * step:,.0f}", 12, ' text-anchor="middle" class="q"')]
    for index, (name, points) in enumerate(series):
        path = "L".join(f"{x(size):.1f} {y(gap):.1f}" for size, gap, _, _ in points)
        lines.append(f'<g class="series{index}" stroke="currentColor" stroke-width="2">\n<path d="M{path}" fill="none"/>')
        for size, gap, error, report in points:
            lines += [f'<path d="M{x(size):.1f} {y(gap + error):.1f}V{y(gap - error):.1f}" stroke-width="1.5"/>',
                      f'<circle cx="{x(size):.1f}" cy="{y(gap):.1f}" r="4.5" '
                      f'fill="{"currentColor" if gap > LEAST else "none"}"><title>{report.name}: {size:,} bytes, '
                      f"{gap:+.5f} ± {error:.5f} bpb</title></circle>"]
        at_y = TOP + 20 + 26 * index
        lines += [f'<circle cx="{WIDTH - RIGHT + 20}" cy="{at_y - 4}" r="4.5" fill="currentColor"/>', "</g>",
                  text(WIDTH - RIGHT + 32, at_y, name)]
    return "\n".join(lines + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--float", required=True, help="report of the model before packing")
    parser.add_argument("--svg", help="picture to write")
    parser.add_argument("--title", default="Quantization gap against bytes")
    parser.add_argument("series", nargs="+")
    args = parser.parse_args()

    whole = Report(args.float)
    found = [series_of(argument) for argument in args.series]
    shortest = min([whole] + [report for _, _, reports in found for report in reports], key=lambda one: one.tokens)
    text = shortest.tokens, shortest.text_bytes
    series = [(name, sorted((one.bytes + decoder, *one.gap(whole, *text), one) for one in reports))
              for name, decoder, reports in found]
    print("| packed by | artifact | bytes | bpb | gap, bpb |\n|---|---|--:|--:|--:|")
    for name, points in series:
        for size, gap, error, report in points:
            print(f"| {name} | {report.name} | {size:,} | {report.bpb(*text):.5f} | {gap:+.5f} ± {error:.5f} |")
    if args.svg:
        note = f"{text[0]:,} held-out tokens, before packing {whole.bpb(*text):.4f} bpb; bars: one standard error, paired"
        with open(args.svg, "w") as file:
            file.write(picture(series, args.title, note))


if __name__ == "__main__":
    main()
