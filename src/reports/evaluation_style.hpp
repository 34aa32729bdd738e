#pragma once

#include <string_view>

namespace polytag {

/// The style sheet of the evaluation page, for light and dark, screen and paper.
inline constexpr std::string_view kEvaluationStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --ink: #1c2330; --soft: #5c6675; --rule: #dfe3ea;
  --track: #e9ecf2; --good: #1f8a5b; --bad: #c8553d; --main: #2f62c9;
  --c0: #2f62c9; --c1: #c25e00; --c2: #1f8a5b; --c3: #9a3fb0; --c4: #b8860b; --c5: #0f8b9e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --card: #1a1f28; --ink: #e5e9f0; --soft: #98a2b3; --rule: #2c3442;
    --track: #262d39; --good: #4cc38a; --bad: #f0846b; --main: #7ba4ff;
    --c0: #7ba4ff; --c1: #ff9f4a; --c2: #4cc38a; --c3: #d68be8; --c4: #e0bd4b; --c5: #53c7d8;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 4px; }
p { margin: 0 0 12px; color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 18px 20px; margin-top: 20px; overflow-x: auto; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(430px, 100%), 1fr));
  gap: 20px; margin-top: 20px; }
.pair > .card { margin-top: 0; }
.bars { margin-top: 8px; column-gap: 48px; }
.bars svg { max-width: 560px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin-top: 20px; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 12px 16px; }
.tile b { display: block; font-size: 25px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  font-size: 14px; }
th, td { padding: 5px 10px; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--track); }
.all { max-height: 720px; overflow: auto; }
.all thead th { position: sticky; top: 0; background: var(--card);
  box-shadow: inset 0 -1px var(--rule); }
.all td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 130px;
  unicode-bidi: isolate; }
.none { color: var(--soft); }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, "DejaVu Sans", sans-serif; }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .axis { fill: var(--soft); }
svg .note { fill: var(--soft); font-size: 10.5px; }
.grid { stroke: var(--rule); stroke-width: 1; fill: none; }
.iso { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 4; fill: none; opacity: .7; }
.cut { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 4 3; fill: none; }
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
polyline.all-labels { stroke: var(--ink); stroke-width: 2.6; }
circle { stroke: var(--card); stroke-width: 1.5; }
circle.all-labels { fill: var(--ink); }
.yes { fill: var(--good); } .no { fill: var(--bad); }
.halo { stroke: var(--card); stroke-width: 4; }
.track { fill: var(--track); } .bar { fill: var(--main); }
.precision { stroke: var(--good); stroke-width: 2; } .recall { stroke: var(--c1); stroke-width: 2; }
polyline.precision, polyline.recall { stroke-width: 1.8; }
polyline.c0 { stroke: var(--c0); } circle.c0 { fill: var(--c0); }
polyline.c1 { stroke: var(--c1); } circle.c1 { fill: var(--c1); }
polyline.c2 { stroke: var(--c2); } circle.c2 { fill: var(--c2); }
polyline.c3 { stroke: var(--c3); } circle.c3 { fill: var(--c3); }
polyline.c4 { stroke: var(--c4); } circle.c4 { fill: var(--c4); }
polyline.c5 { stroke: var(--c5); } circle.c5 { fill: var(--c5); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 0;
  padding: 0; font-size: 13px; }
.legend i { display: inline-block; width: 14px; height: 4px; border-radius: 2px;
  margin-right: 7px; vertical-align: middle; background: currentColor; }
.legend .k { color: var(--ink); } .legend .g { color: var(--good); }
.legend .r { color: var(--bad); } .legend .m { color: var(--main); }
.legend .k0 { color: var(--c0); } .legend .k1 { color: var(--c1); }
.legend .k2 { color: var(--c2); } .legend .k3 { color: var(--c3); }
.legend .k4 { color: var(--c4); } .legend .k5 { color: var(--c5); }
.legend span { color: var(--ink); }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
  gap: 14px 22px; }
.many h3 { font-size: 14px; margin: 0; overflow-wrap: anywhere; }
dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: 8px 16px; }
dt { font-weight: 600; }
dd { margin: 0; color: var(--soft); }
footer { margin-top: 24px; color: var(--soft); font-size: 13px; }
@media print { body { background: #fff; } .all { max-height: none; } .card { break-inside: avoid; } }
)css";

}  // namespace polytag
