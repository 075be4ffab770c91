/** The style of a report: light and dark, narrow and wide, and on paper. Holds nothing of a log. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1a1d24;--soft:#565e6c;--line:#d5d9e0;--faint:#f4f6f9;--link:#1b4f9c;--good:#17663a;--good-back:#e4f4ea;--bad:#a3161d;--bad-back:#fdeaea;--warn:#7d4a00;--warn-back:#fdf1dc}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e7eaf0;--soft:#a5aebd;--line:#363d49;--faint:#1d2229;--link:#8ab8ff;--good:#7fd6a2;--good-back:#14301f;--bad:#ff9a9a;--bad-back:#3a1618;--warn:#f0bf72;--warn-back:#33260f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--paper);color:var(--ink);scroll-padding-top:4rem}
body{margin:0}
header.top,nav.contents,main,footer{max-width:76rem;margin:0 auto;padding:0 1.5rem}
header.top{padding-top:2.5rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.35rem;margin:3rem 0 .6rem;padding-top:.7rem;border-top:2px solid var(--ink);break-after:avoid}
h3{font-size:1.05rem;margin:1.7rem 0 .4rem;break-after:avoid;overflow-wrap:anywhere}
p{margin:.4rem 0 .8rem;max-width:70ch;overflow-wrap:anywhere}
.lead{font-size:1.1rem;color:var(--soft);margin:0}
a{color:var(--link)}
a:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
code{font:.82em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
pre{font:.82em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--faint);border:1px solid var(--line);border-radius:4px;padding:.5rem .7rem;margin:.4rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.alarm{position:sticky;top:0;z-index:1;background:#a3161d;color:#fff;font-weight:700;text-align:center;padding:.5rem 1rem}
.verdict{border:1px solid;border-left-width:.5rem;border-radius:4px;padding:.8rem 1.1rem;margin:1.4rem 0}
.verdict p{margin:.2rem 0}
.verdict .word{font-size:1.15rem;font-weight:700}
.valid{color:var(--good);background:var(--good-back)}
.invalid,.diverged{color:var(--bad);background:var(--bad-back)}
.incomplete{color:var(--warn);background:var(--warn-back)}
.verdict p+p,.verdict dl{color:var(--ink)}
dl.checked{grid-template-columns:minmax(0,1fr);font-size:.92rem}
.unsound h2::after,.unsound article>h3::after{content:"the log does not hold";font-size:.78rem;font-weight:600;color:var(--bad);margin-left:.8rem}
nav.contents ul{list-style:none;margin:1rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}
.figures{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.8rem;margin:1rem 0;padding:0;list-style:none}
.figures li{border:1px solid var(--line);border-radius:4px;padding:.7rem .9rem;background:var(--faint);break-inside:avoid}
.figures b{display:block;font-size:1.8rem;line-height:1.15;font-variant-numeric:tabular-nums}
.figures span{color:var(--soft);font-size:.9rem}
.figures li.bad b{color:var(--bad)}
.figures li.warn b{color:var(--warn)}
.split{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:0 2rem;align-items:start}
.scroll{overflow-x:auto;margin:.6rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;color:var(--soft);font-size:.9rem;padding-bottom:.3rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{border-bottom:2px solid var(--soft);font-size:.82rem;color:var(--soft)}
tbody th{font-weight:400}
td,tbody th{overflow-wrap:anywhere}
td.number,th.number{text-align:right;padding-right:.4rem;font-variant-numeric:tabular-nums}
tr{break-inside:avoid}
.wide{min-width:58rem}
.medium{min-width:38rem}
.actions,.exceptions,.votes,.credentials{table-layout:fixed}
.actions th:nth-child(1){width:4%}.actions th:nth-child(2){width:13%}.actions th:nth-child(3){width:17%}.actions th:nth-child(4){width:15%}.actions th:nth-child(5){width:14%}.actions th:nth-child(6){width:19%}
.exceptions th:nth-child(1){width:16%}.exceptions th:nth-child(3){width:13%}.exceptions th:nth-child(4){width:21%}
.facts{table-layout:fixed}.facts thead th:nth-child(1){width:28%}
.votes th:nth-child(1){width:16%}.votes th:nth-child(2){width:22%}.votes th:nth-child(3){width:21%}.votes th:nth-child(4){width:11%}
.untitled caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.tag{display:inline-block;font-size:.78rem;font-weight:600;border:1px solid;border-radius:3px;padding:0 .4rem}
.tag.high{color:var(--bad);background:var(--bad-back)}
.tag.medium{color:var(--warn);background:var(--warn-back);min-width:0}
.tag.note,.tag.plain{color:var(--soft);background:var(--faint)}
.tag.good{color:var(--good);background:var(--good-back)}
.mark{display:inline-block;font-size:.72rem;font-weight:600;color:var(--warn);border:1px solid;border-radius:3px;padding:0 .3rem}
.committed,.none{color:var(--soft);font-style:italic}
.identity{color:var(--soft);font-size:.88em;overflow-wrap:anywhere}
.person b+.identity{display:block}
q{quotes:"“" "”";white-space:pre-wrap;overflow-wrap:anywhere}
.small{font-size:.88rem;color:var(--soft)}
article{border:1px solid var(--line);border-radius:4px;padding:.9rem 1.1rem;margin:1rem 0}
article>h3{margin:0 0 .5rem;display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
article>h3 .at{font-weight:400;font-size:.88rem;color:var(--soft)}
article h4{font-size:.9rem;margin:.9rem 0 .2rem;break-after:avoid}
dl{margin:.3rem 0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(28rem,100%),1fr));gap:0 2rem}
dl>div{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:.8rem;padding:.18rem 0;break-inside:avoid}
dt{color:var(--soft);font-size:.88rem}
dd{margin:0;overflow-wrap:anywhere}
dd q{display:inline}
.control{display:grid;grid-template-columns:minmax(0,1fr) 15rem;gap:0 1.5rem;border-bottom:1px solid var(--line);padding:.9rem 0;break-inside:avoid}
.control h3{margin:0}
.control p{margin:.25rem 0}
.control .counts{font-size:.92rem}
.control .counts b{font-variant-numeric:tabular-nums}
.receipt{margin-top:.9rem}.receipt p{margin:0}
ul.plain{margin:.3rem 0;padding-left:1.2rem;overflow-wrap:anywhere}
ul.plain li{margin:.2rem 0}
footer{padding:2rem 1.5rem 3rem;color:var(--soft);font-size:.88rem}
@media (max-width:40rem){header.top,nav.contents,main,footer{padding-left:1rem;padding-right:1rem}h1{font-size:1.6rem}.control{grid-template-columns:1fr}.figures{grid-template-columns:repeat(2,minmax(0,1fr))}.figures b{font-size:1.5rem}dl>div{grid-template-columns:1fr;gap:0;padding:.3rem 0}article{padding:.7rem .8rem}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--faint:#f6f6f6;--link:#000;--good:#17663a;--good-back:#fff;--bad:#a3161d;--bad-back:#fff;--warn:#7d4a00;--warn-back:#fff}
html{font-size:9.5pt}
header.top,nav.contents,main,footer{max-width:none;padding:0}
nav.contents{display:none}
.alarm{position:static;-webkit-print-color-adjust:exact;print-color-adjust:exact}
h2{margin-top:1.6rem}
#exceptions>p{break-after:avoid}
section.new-page{break-before:page}
section.new-page>h2{margin-top:0}
.scroll{overflow:visible}
.wide,.medium{min-width:0}
table{font-size:8pt}
thead{display:table-header-group}
article{break-inside:auto;padding:.6rem .8rem}
.receipt,.kind{break-inside:avoid}
dl{grid-template-columns:repeat(2,minmax(0,1fr))}dl.checked{grid-template-columns:minmax(0,1fr)}
dl>div{grid-template-columns:6.5rem minmax(0,1fr)}
a{text-decoration:none}
q,dd,td{orphans:2;widows:2}
}
@page{size:A4;margin:18mm 15mm 18mm;@bottom-left{content:"Evidence, for a person to judge. Not a statement that a control is met.";font:7.5pt sans-serif;color:#444}@bottom-right{content:counter(page) " / " counter(pages);font:7.5pt sans-serif;color:#444}}
`

/** Added where the log does not hold: said on every page of paper. */
export const ALARM_STYLE = `@page{@top-center{content:"THE LOG DOES NOT HOLD: DO NOT RELY ON THIS REPORT";font:bold 9pt sans-serif;color:#a3161d;border-bottom:1.5pt solid #a3161d}}
`
