"""Mail, handed to a real SMTP server: what arrived, what surely did not, and what may have."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from typing import Any

import pytest

from slo.errors import RetriableError, SourceError
from tierline.notify.mail import Mailer, message
from tierline.notify.outlets import as_html

AT = datetime(2026, 11, 6, 7, tzinfo=UTC)


def sent(smtp: Any, **other: Any) -> None:
    made = message("Report of October 2026", "tierline@example.com", ["a@example.com", "b@example.com"], "kept 21\n",
                   "<p>kept 21</p>", {"r.pdf": b"%PDF-1", "r.xlsx": b"PK"}, AT, "report-2026-10-abc")  # fmt: skip
    Mailer(smtp.settings(**other), smtp.trusting).send(made, ["a@example.com", "b@example.com"])


def test_a_mail_arrives_whole_over_an_encrypted_connection(smtp: Any) -> None:
    sent(smtp)
    ((sender, to, content),) = smtp.got
    assert (sender, to) == ("tierline@example.com", ["a@example.com", "b@example.com"])
    got = email.message_from_bytes(content, policy=email.policy.default)
    assert (got["Subject"], got["Message-ID"]) == ("Report of October 2026", "<report-2026-10-abc@example.com>")
    assert got["Date"].datetime == AT
    assert got.get_body(("plain",)).get_content().strip() == "kept 21"
    assert got.get_body(("html",)).get_content().strip() == "<p>kept 21</p>"
    files = [(one.get_filename(), one.get_content_type(), one.get_content()) for one in got.iter_attachments()]
    assert files == [
        ("r.pdf", "application/pdf", b"%PDF-1"),
        ("r.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ]


def test_a_mails_links_can_be_clicked_and_its_marks_stay_with_their_words() -> None:
    def line(indent: str, shown: str) -> str:
        return f'<div style="padding-left: {indent}em; overflow-wrap: anywhere">{shown}</div>'

    assert as_html("1 alert\n\nOpen alerts\n  ▲ <a> & b\n    https://t.example/?a=1&b=2\n\nat noon") == "\n".join([
        line("0", "1 alert"), line("0", "<br>"), line("0", "<b>Open alerts</b>"), line("1", "▲&nbsp;&lt;a&gt; &amp; b"),
        line("2", '<a href="https://t.example/?a=1&amp;b=2">https://t.example/?a=1&amp;b=2</a>'),
        line("0", "<br>"), line("0", "at noon"),
    ])  # fmt: skip


def test_checking_logs_in_and_sends_nothing(smtp: Any) -> None:
    told = Mailer(smtp.settings(), smtp.trusting).check()
    assert told == "127.0.0.1 takes mail of tierline@example.com; nothing was sent"
    assert smtp.got == []


@pytest.mark.parametrize(("says", "retried"), [("451 try again", True), ("554 no", False)])
def test_what_the_server_refuses_did_not_arrive(smtp: Any, says: str, retried: bool) -> None:
    smtp.says = says
    with pytest.raises(SourceError, match=says) as caught:
        sent(smtp)
    assert isinstance(caught.value, RetriableError) is retried


def test_a_connection_that_breaks_off_may_have_delivered(smtp: Any) -> None:
    smtp.says = None
    with pytest.raises(SourceError, match="it may have arrived, so it is not repeated") as caught:
        sent(smtp)
    assert not isinstance(caught.value, RetriableError)


def test_one_unknown_address_does_not_keep_the_others_from_it(smtp: Any) -> None:
    smtp.unknown = {"b@example.com"}
    with pytest.raises(SourceError, match="1 of 2 addresses were refused; the others have it") as caught:
        sent(smtp)
    assert not isinstance(caught.value, RetriableError)
    assert [to for _, to, _ in smtp.got] == [["a@example.com"]]


def test_what_the_server_says_of_an_address_is_told_without_it(smtp: Any) -> None:
    smtp.unknown = {"a@example.com", "b@example.com"}
    with pytest.raises(SourceError) as caught:
        sent(smtp)
    said = "mail: the server refused every address: 550 the address: no such mailbox; check sender and addresses"
    assert str(caught.value) == said


def test_a_wrong_password_is_said_and_not_told(smtp: Any) -> None:
    with pytest.raises(SourceError, match="the server refuses the account") as caught:
        sent(smtp, password="canary-wrong-one")
    assert "canary" not in str(caught.value) and smtp.got == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(smtp: Any) -> None:
    with pytest.raises(SourceError, match="no encrypted connection"):
        Mailer(smtp.settings()).check()


def test_nobody_there_delivered_nothing(smtp: Any) -> None:
    with pytest.raises(RetriableError, match="mail: no connection"):
        Mailer(smtp.settings(port=smtp.free_port())).check()
