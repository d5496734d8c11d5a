/** Style sheet of the report: system fonts, both colour schemes, colours that differ in lightness too. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--page:#fff;--text:#1c2430;--quiet:#5b6675;--rule:#e2e6eb;--s1:#7a8594;--s2:#b35900;--s3:#b3261e;--s4:#1f5fbf;--s5:#00796b;--s6:#7b3fa0;--s7:#6b7d00}
@media (prefers-color-scheme:dark){:root{--page:#14181e;--text:#e6eaf0;--quiet:#9aa6b5;--rule:#2c333d;--s1:#a3adba;--s2:#f0a35e;--s3:#ff7b72;--s4:#6aa9ff;--s5:#4fd1be;--s6:#d19bf0;--s7:#c3d34f}}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1220px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:26px;margin:0 0 8px}h2{font-size:19px;margin:36px 0 8px}p{color:var(--quiet)}
ul.facts{margin:0;padding-left:18px;color:var(--quiet)}
ul.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:8px 0;font-size:13px}
ul.legend i{display:inline-block;width:12px;height:12px;border-radius:6px;margin-right:6px;background:var(--c)}
ul.legend b{display:inline-block;width:26px;border-top:2px solid var(--quiet);margin:0 6px 4px 0}ul.legend b.dash{border-top-style:dashed}ul.legend b.dots{border-top-style:dotted}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(360px,1fr));gap:20px}
figure{margin:0}figcaption{font-weight:600;font-size:14px;margin-bottom:4px}svg{width:100%;height:auto;display:block}
.grid{stroke:var(--rule)}.reference{stroke:var(--quiet);stroke-dasharray:2 3}
.tick,.axis{font:12px system-ui,sans-serif;fill:var(--quiet)}
.line{fill:none;stroke:var(--c);stroke-width:2}.dashed{stroke-dasharray:6 4;stroke-width:1.5}.mark{fill:var(--c)}.whisker{stroke:var(--c);stroke-opacity:.45}
.s0{--c:var(--text)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 12px 4px 0;text-align:left;white-space:nowrap;border-bottom:1px solid var(--rule)}th{color:var(--quiet);font-weight:600}th.number,td.number{text-align:right}
figure.reliability{max-width:600px}
summary{cursor:pointer;font-weight:600;margin:8px 0}
`;
