"""Statistics of rounds, and how they are shown.

A result has a "title", its "weights", what each side, "peer" and "ours", ran, the "unit", the samples
"peer_samples" and "our_samples" of the rounds in order, whether "higher" values are better, "outputs": how
far the two sides' outputs differ, as text, whether that is "agreed", and "disturbed": how many of the samples
were taken while other programs ran.
"""

from statistics import median
from xml.sax.saxutils import escape

COLUMNS = ["line", "weights", "peer", "ours", "unit", "peer's median", "our median", "ratio", "spread", "outputs"]


def get_ratios(result):
    """How many times as fast as the peer we were, round by round."""
    pairs = zip(result["our_samples"], result["peer_samples"])
    return [our / peer if result["higher"] else peer / our for our, peer in pairs]


def summarize(result):
    """The result with medians and ratios."""
    ratios = get_ratios(result)
    return {**result, "peer_median": median(result["peer_samples"]), "our_median": median(result["our_samples"]),
            "ratios": ratios, "ratio": median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}


def format_value(value):
    """Three digits or more."""
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2 if value >= 1 else 4
    return f"{value:.{digits}f}"


def format_row(summary):
    outputs = summary["outputs"] if summary["agreed"] else f"**DIFFER** ({summary['outputs']})"
    ratio = f"{summary['ratio']:.2f}" + (" (!)" if summary["disturbed"] else "")
    cells = [summary["title"], summary["weights"], summary["peer"], summary["ours"], summary["unit"],
             format_value(summary["peer_median"]), format_value(summary["our_median"]),
             ratio, f"{summary['ratio_min']:.2f}-{summary['ratio_max']:.2f}", outputs]
    return "| " + " | ".join(cells) + " |"


def format_table(summaries):
    head = ["| " + " | ".join(COLUMNS) + " |", "|---|---|---|---|---" + "|--:" * 5 + "|"]
    return "\n".join(head + [format_row(summary) for summary in summaries])


def format_plot(summaries):
    """An SVG with a bar per result: the ratio, its spread as a line, and 1 as the peer's speed."""
    row, left, width, top = 22, 430, 420, 40
    most = max([1.0] + [summary["ratio_max"] for summary in summaries]) * 1.05
    height = top + row * len(summaries) + 10

    def place(ratio):
        return left + width * ratio / most

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{height}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{left}" y="18">times as fast as the peer (line: least and most of the rounds)</text>']
    for index, summary in enumerate(summaries):
        y = top + index * row
        low, high = place(summary["ratio_min"]), place(summary["ratio_max"])
        color = "#4477aa" if summary["agreed"] else "#bbbbbb"
        label = f"{summary['title']}, {summary['weights']}"
        lines += [f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(label)}</text>',
                  f'<rect x="{left}" y="{y + 2}" width="{place(summary["ratio"]) - left:.1f}" height="{row - 8}" '
                  f'fill="{color}"/>',
                  f'<path d="M{low:.1f} {y + 9}H{high:.1f}" stroke="black"/>',
                  f'<text x="{high + 5:.1f}" y="{y + 13}">{summary["ratio"]:.2f}</text>']
    lines += [f'<path d="M{place(1):.1f} {top - 10}V{height - 8}" stroke="#aa3333" stroke-dasharray="4 3"/>', "</svg>"]
    return "\n".join(lines) + "\n"
