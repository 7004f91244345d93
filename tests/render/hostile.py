"""Titles that somebody could type to break out of a picture, a terminal or a page."""

HOSTILE = (
    '"]; click a "javascript:alert(1)"',
    '"]:::evil; n0 --> n9',
    'a --> b; subgraph "x"',
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b>bold</b> & <i>more</i> &lt;b&gt; &#60;",
    "`markdown` **bold** _under_ [link](javascript:alert(1)) $$x^2$$",
    "%%{init: {'securityLevel': 'loose'}}%% and %% a comment",
    "---\\ntitle: front matter\\n---",
    "style n0 fill:#f00; classDef default fill:#000;",
    "1. first things first",
    "- not a list",
    "+ nor this",
    "end",
    "graph TD",
    "#quot; #35; #amp; ﬂ°°60¶ß ﬂ°lt¶ß",
    'quote " backslash \\ and both \\" at the end \\',
    "\\N \\G \\L \\n \\r \\l <html> {record|field} <port>",
    "right to left \u202egnp.exe and isolates \u2066\u2069 \u200f",
    "invisible \u200b \u2060 \ufeff \u00ad soft",
    "emoji 🛥️ 👩‍🚀 🇵🇹 and 👍🏽",
    "船を早く出す 計画を立てる 佐藤由紀",
    "العربية שלום हिन्दी ไทย",
    "z̷̢̛a̴̢l̸̡g̶̨o̵̢ ẗ̸́e̷x̴t̶",
    "fa:fa-ban and https://example.com and ftp://example.com",
    "'single' ´acute´ ‘curly’ “double” «angle»",
    "tab-free but  wide  spaces \u3000 and \u00a0 no-break",
    "(((deep))) [[[deeper]]] {{{deepest}}} |pipes| ~tilde~ ^caret^ @at",
    "long " + "word " * 199,
    "unbroken" + "n" * 990,
    "漢" * 900,
)

# What no clean title holds, but a picture must survive all the same: from old stores, from other programs.
CONTROLS = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "line\nbreak\rreturn\ttab\x0bvertical",
    "null\x00 backspace\x08\x08 delete\x7f c1\x9b31m",
    "line \u2028 and paragraph \u2029 separators",
)
