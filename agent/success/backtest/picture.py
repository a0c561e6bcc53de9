"""The backtest as a picture: ROC curve on the left, churn rate per tier on the right (SVG)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from agent.errors import printable
from agent.success.backtest.evaluate import NOT_SAAS, Backtest
from agent.success.backtest.rates import Band

_COLOURS = {"green": "#2e8b57", "yellow": "#d9a400", "red": "#c0392b"}
_SIDE, _TOP, _LEFT, _RIGHT = 300, 96, 70, 500
_BOTTOM = _TOP + _SIDE
_STYLE = (
    "text{font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:13px;fill:#222}"
    ".h{font-size:18px;font-weight:600}.s{fill:#555;font-size:12px}.e{text-anchor:end}"
    ".m{text-anchor:middle}.b{font-weight:600}"
)


def picture(result: Backtest) -> str:
    """An SVG document that needs nothing but a browser."""
    r = result.ranking
    title = f"Backtest: {printable(result.mapping.title, 70)}"
    told = (
        f"{r.n:,} accounts, {r.events:,} lost ({r.base_rate:.1%}). AUC {r.auc:.3f}, "
        f"95 % interval {r.low:.3f} to {r.high:.3f}"
    )
    loud = "" if r.verdict == "evidence" else result.headline.split(":")[0].rstrip(".")
    warning = f'<text x="{_LEFT}" y="72" class="b" style="fill:#c0392b">{escape(loud)}</text>'
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 510" width="860" height="510"'
            ' role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title><desc id="d">{escape(told)}</desc>',
            f"<style>{_STYLE}</style>",
            '<rect width="860" height="510" fill="#fff"/>',
            f'<text x="{_LEFT}" y="30" class="h">{escape(title)}</text>',
            f'<text x="{_LEFT}" y="52">{escape(told)}</text>',
            *([warning] if loud else []),
            *_roc(result.roc),
            *_bars(result.tiers, r.base_rate),
            *_foot(NOT_SAAS),
            "</svg>\n",
        ]
    )


def _roc(points: Sequence[tuple[float, float]]) -> list[str]:
    line = " ".join(f"{_LEFT + x * _SIDE:.1f},{_BOTTOM - y * _SIDE:.1f}" for x, y in points)
    out = []
    for step in range(5):
        share, at = step / 4, step * _SIDE / 4
        out += [
            f'<path d="M{_LEFT} {_BOTTOM - at:g}h{_SIDE}M{_LEFT + at:g} {_BOTTOM}v-{_SIDE}" '
            'stroke="#e4e4e4"/>',
            f'<text x="{_LEFT - 8}" y="{_BOTTOM - at + 4:g}" class="e s">{share:.0%}</text>',
            f'<text x="{_LEFT + at:g}" y="{_BOTTOM + 18}" class="m s">{share:.0%}</text>',
        ]
    middle = _TOP + _SIDE / 2
    return [
        *out,
        f'<path d="M{_LEFT} {_BOTTOM}L{_LEFT + _SIDE} {_TOP}" stroke="#888" '
        'stroke-dasharray="5 4"/>',
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="2.5"/>',
        f'<text x="{_LEFT + _SIDE - 6}" y="{_BOTTOM - 10}" class="e s">dashed: chance</text>',
        f'<text x="{_LEFT + _SIDE / 2:g}" y="{_BOTTOM + 38}" class="m">kept accounts called at '
        "risk</text>",
        f'<text transform="translate(22 {middle:g}) rotate(-90)" class="m">lost accounts found'
        "</text>",
    ]


def _bars(tiers: Sequence[Band], base: float) -> list[str]:
    """Bars from green to red with 95 % whiskers; the dashed line is the overall rate."""
    top = _ceiling(max([base, *(b.high for b in tiers if b.n)]))
    wide, out = _SIDE / max(1, len(tiers)), []
    for step in range(5):
        y = _BOTTOM - step * _SIDE / 4
        out += [
            f'<path d="M{_RIGHT} {y:g}h{_SIDE}" stroke="#e4e4e4"/>',
            f'<text x="{_RIGHT - 8}" y="{y + 4:g}" class="e s">{top * step / 4:.3g} %</text>',
        ]
    for i, b in enumerate(tiers):
        x, middle = _RIGHT + i * wide + wide * 0.2, _RIGHT + (i + 0.5) * wide
        out.append(f'<text x="{middle:g}" y="{_BOTTOM + 18}" class="m b">{escape(b.label)}</text>')
        out.append(
            f'<text x="{middle:g}" y="{_BOTTOM + 36}" class="m s">{b.events:,} of {b.n:,}</text>'
        )
        if b.rate is None:
            continue
        high = b.rate * 100 / top * _SIDE
        low_y, high_y = _BOTTOM - b.low * 100 / top * _SIDE, _BOTTOM - b.high * 100 / top * _SIDE
        out += [
            f'<rect x="{x:.1f}" y="{_BOTTOM - high:.1f}" width="{wide * 0.6:.1f}" '
            f'height="{high:.1f}" fill="{_COLOURS.get(b.label, "#777")}" opacity="0.85"/>',
            f'<path d="M{middle:g} {low_y:.1f}V{high_y:.1f}M{middle - 6:g} {low_y:.1f}h12'
            f'M{middle - 6:g} {high_y:.1f}h12" stroke="#222" stroke-width="1.5" fill="none"/>',
            f'<text x="{middle:g}" y="{high_y - 8:.1f}" class="m b">{b.rate:.1%}</text>',
        ]
    y = _BOTTOM - base * 100 / top * _SIDE
    return [
        *out,
        f'<path d="M{_RIGHT} {y:.1f}h{_SIDE}" stroke="#555" stroke-dasharray="4 4"/>',
        f'<text x="{_RIGHT + _SIDE + 4}" y="{y + 4:.1f}" class="s">all</text>',
        f'<text x="{_RIGHT + _SIDE / 2:g}" y="{_TOP - 10}" class="m">lost per tier</text>',
    ]


def _ceiling(share: float) -> float:
    """A round number of per cent above `share`, with room for the figure over the whisker."""
    return next(p for p in (4.0, 8.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0) if p >= share * 110)


def _foot(text: str) -> list[str]:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 118:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [
        f'<text x="{_LEFT}" y="{_BOTTOM + 66 + 16 * i}" class="s">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
