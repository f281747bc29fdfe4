"""The sentences in which problems of the settings are told, so that they can be told in other languages.

A problem is found far away from whoever reads it, and written in English. Here each sentence stands once more with
places for what is filled in; a test finds every problem of the other tests among them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from config.spoken import Translate, lazy

SENTENCES: tuple[str, ...] = (
    lazy("a caller who does nothing goes round in a circle: %(path)s; end it with voicemail, hang_up or a forward"),
    lazy(
        "a caller who does nothing is led through more than %(most)s groups and menus: %(path)s; end it sooner with"
        " voicemail, hang_up or a forward"
    ),
    lazy("nobody is in this group to wait for; add members, or use voicemail or {forward: …}"),
    lazy("a SIP address cannot be rented; write kind: sip, and the outgoing_number"),
    lazy("nobody has an extension; give one to an employee or a group"),
    lazy("has neither greeting, menu, responsible nor group: every call meets %(last)s"),
    lazy("has no effect: without a greeting nobody can type an extension"),
    lazy("announces a recording, and record is off; add record: true"),
    lazy("has no effect: without a schedule the number is always open"),
    lazy("is missing, and %(names)s may forward; write, for example, {paid_until: 2027-06-30}"),
    lazy("whoever presses %(key)s during the greeting gets this extension, not key %(other)s of menu %(menu)s"),
    lazy("none of them has a device: the group never rings"),
    lazy("has no effect: no_answer is %(form)s, not hold"),
    lazy(
        "ringing everybody takes %(seconds)s s, and hardly a caller waits so long; ring shorter, or everybody at once"
    ),
    lazy("%(name)s stands here %(times)s times; once is enough"),
    lazy("has neither devices nor a mobile: nobody can reach this employee"),
    lazy("is never open"),
    lazy("names an employee and a group; the group gets the message"),
    lazy("stands in %(first)s too; the last one counts"),
    lazy("is %(first)s too; give each his own"),
    lazy("no user of a CRM has this number; leave it out"),
    lazy("holds characters that nobody sees (%(codes)s), and is used without them; remove them"),
    lazy("holds the character %(code)s, which can be neither said nor shown; remove it"),
    lazy("stands in %(first)s too, and rings for one while the other talks on it; give each his own"),
    lazy("no such number can exist; check its digits"),
    lazy("a premium-rate number is never dialled; use an ordinary one"),
    lazy("a shared-cost number: every forward to it may cost more than an ordinary call; use the one behind it"),
    lazy("a personal number, which may cost much more than the mobile it looks like; use the mobile itself"),
    lazy("a company's number for the whole country: a forward to it may cost more; use the one behind it"),
    lazy("a pager: nobody can answer there, and it may cost more; use a telephone"),
    lazy("numbers of %(region)s are not dialled: forwarding.countries allows %(allowed)s; add %(other)s or change it"),
    lazy("this is a number of ours: the call would come back for ever; use one from outside, or {group: …}"),
    lazy("means the member rung last, and this group has none; write {forward_to_mobile: ana} or {forward: …}"),
    lazy('%(names)s may be forwarded to and has no mobile; add mobile: "+34…" to employees'),
    lazy("%(names)s may be rung and has no mobile: such calls go on with the next stage"),
    lazy("the settings are a mapping of keys%(more)s"),
    lazy("the file is empty; config/company.yaml in the repository is an example"),
    lazy("give either say: (words) or play: (an https address), one of them"),
    lazy("a sip number needs outgoing_number: the number that outgoing calls show"),
    lazy("pass_caller_id works for rented numbers only; remove it"),
    lazy("sip_extension works for sip numbers only; remove it"),
    lazy("a device is client:NAME, sip:USER@DOMAIN or a number in international format"),
    lazy("no group, extension, menu or contact of the settings leads to this employee; remove it, or use it"),
    lazy("no number, extension, menu or other group leads to this group; remove it, or use it"),
    lazy("no number, key or group leads to this menu; remove it, or use it"),
    lazy("no number or employee keeps this schedule; remove it, or use it"),
    lazy("there is no such entry; name %(what)s; did you mean %(name)s?"),
    lazy("there is no such entry; name %(what)s"),
    lazy('the same as "%(first)s" in %(section)s; keep one of them'),
    lazy("%(path)s has this extension too; give each its own"),
    lazy("not a known time zone; use a name such as Europe/Madrid"),
    lazy('write hours as "09:00-14:00" (24-hour clock, from-to)'),
    lazy('write "24.12" (every year) or "2026-12-31" (once), in quotation marks'),
    lazy("no holidays are known for this country; use its ISO code, such as ES"),
    lazy("unknown region; use one of %(regions)s"),
    lazy("%(key)s is no day; use mon tue wed thu fri sat sun, or a range such as mon-thu"),
    lazy("the file is larger than %(most)s MB"),
    lazy("the text holds characters that no file can hold"),
    lazy("not valid YAML: %(what)s (column %(column)s)%(more)s"),
    lazy("not valid YAML: %(what)s"),
    lazy("this key stands here twice, first in line %(line)s; keep one of them"),
    lazy("write it in international format, for example +34910000001: +, country code, number"),
    lazy(
        'a number is written in international format, such as "+34910000001", or as a SIP address, such as '
        '"sip:pbx.example.com"'
    ),
    lazy("a second document starts here (---); the settings are one"),
    lazy("the tag %(tag)s is not known here; remove it"),
    lazy("more than %(most)s values, counting what aliases (*name) repeat"),
    lazy("*%(name)s repeats nothing: there is no &%(other)s above it"),
    lazy("*%(name)s stands inside what it repeats"),
    lazy("a key must be a word or a number"),
    lazy("nested more than %(most)s levels deep"),
    lazy("<< takes a mapping, or a list of mappings"),
    lazy("unknown key%(more)s; known here: %(known)s"),
    lazy("is missing; write, for example, %(example)s"),
    lazy("not a destination that may stand here; use one of: %(words)s; did you mean %(name)s?"),
    lazy("not a destination that may stand here; use one of: %(words)s"),
    lazy("use one of: %(words)s; did you mean %(name)s?"),
    lazy("use one of: %(words)s"),
    lazy("a name is 1 to 40 letters (a to z), digits, - and _, and starts with neither"),
    lazy('an extension is 1 to 4 digits in quotation marks, such as "101"'),
    lazy('a key of the telephone is one of "0" to "9" and "*" (# ends what is typed)'),
    lazy("a country is two capital letters, such as ES"),
    lazy("a language is written like es or es-ES"),
    lazy('an address starts with https:// and has no spaces, such as "https://example.com/hello.wav"'),
    lazy("must be a text, not a list or mapping"),
    lazy("is empty; write a text, or leave the key out"),
    lazy('YAML reads %(word)s as %(value)s; put it in quotation marks: "%(other)s"'),
    lazy('must be a text; put it in quotation marks: "%(word)s"'),
    lazy("too long; at most %(most)s characters"),
    lazy("must be a whole number%(bounds)s"),
    lazy("must be a number%(bounds)s"),
    lazy("must be a mapping%(more)s (key: value)"),
    lazy("must not be empty; write, for example, %(example)s"),
    lazy("must not be empty"),
    lazy("too many; at most %(most)s"),
    lazy("must be true or false"),
    lazy("must be a date, such as 2027-06-30"),
    lazy("must be a list, such as [first, second]"),
    lazy("there is no %(key)s in %(section)s"),
    lazy("there is already a %(key)s in %(section)s"),
    lazy("%(path)s cannot stand here: above it there is %(value)s"),
    lazy("a settings file cannot hold a %(kind)s"),
    lazy(
        "this part is repeated elsewhere in the file by its name (&%(name)s, line %(line)s): changing it would change "
        "both; use the YAML page"
    ),
    lazy("this cannot be written by a form; use the YAML page"),
)
"""Whole sentences; of several that fit the first counts."""

PARTS: tuple[str, ...] = (
    lazy("; did you mean %(name)s?"),
    lazy(", such as company: Acme"),
    lazy("an employee"),
    lazy("a group"),
    lazy("a menu"),
    lazy("a schedule"),
    lazy("%(one)s or %(other)s"),
    lazy(" from %(least)s to %(most)s"),
    lazy(", %(least)s or more"),
    lazy(" of %(known)s"),
    lazy("%(names)s and %(count)s more"),
    lazy("; put text that holds a colon in quotation marks"),
    lazy("; indent with spaces, not tabs; put text that starts with @, ` or % in quotation marks"),
    lazy("; a quotation mark is not closed"),
    lazy("; an alias (*name) needs an anchor (&name) above it"),
    lazy("; check the indentation, and that every quotation mark is closed"),
    lazy("; a bracket is not closed, or a comma is missing"),
    lazy("; a colon and a space must follow a key"),
)
"""What may be filled into them."""

_LONGEST = 2000
"""Characters of a message that is looked at: each place of a sentence is tried everywhere."""


def told(message: str, translate: Translate) -> str:
    """Say a problem's message in another language; what is not known, or very long, stays as it is."""
    return message if len(message) > _LONGEST else _told(message, SENTENCES, translate)


def _told(text: str, among: tuple[str, ...], translate: Translate) -> str:
    found = _found(text, among)
    if found is None:
        return text
    sentence, filled = found
    values = {name: _told(value, PARTS, translate) for name, value in filled}
    return translate(sentence, **values) if values else translate(sentence)


@lru_cache(maxsize=1024)
def _found(text: str, among: tuple[str, ...]) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    for pattern, sentence in _patterns(among):
        match = pattern.fullmatch(text)
        if match:
            return sentence, tuple(match.groupdict().items())
    return None


@cache
def _patterns(among: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Turn sentences into patterns, in which every place may hold anything."""
    return tuple((re.compile(_pattern(sentence), re.DOTALL), sentence) for sentence in among)


def _pattern(sentence: str) -> str:
    return re.sub(r"%\((\w+)\)s", r"(?P<\1>.*?)", re.escape(sentence).replace(r"%\(", "%(").replace(r"\)s", ")s"))
