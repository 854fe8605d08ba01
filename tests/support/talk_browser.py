"""A visitor's browser without pages: cookies, and the form of the page it last saw."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from cordboard.secrets import signing_key
from cordboard.settings import Settings
from cordboard.tag1 import Tag1, make_nonce, mint
from db.demo.web import SECRETS
from db.demo.world import PANTRY

NUMBER = "+13125550171"


class Browser:
    """A visitor's browser: cookies, the form of the page it last saw."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.client = app.test_client()
        self.settings = settings
        self.page = ""
        #: The last page that had a form.
        self.form = ""
        self.url = ""

    def link(
        self, sc: str = "ORDERS", *, sid: str = "pantry", life_s: int = 600, **more: str
    ) -> str:
        tag = Tag1(sid, sc, int(time.time()) + life_s, make_nonce(), **more)
        return self.path(mint(self.settings.web, tag, signing_key(SECRETS[PANTRY])))

    @staticmethod
    def path(url: str) -> str:
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}"

    def get(self, url: str, **more: object) -> TestResponse:
        answer = self.client.get(url, follow_redirects=True, **more)
        self.url = url
        return self._see(answer)

    def _see(self, answer: TestResponse) -> TestResponse:
        self.page = answer.text
        if 'name="token"' in self.page:
            self.form = self.page
        return answer

    def open(self, sc: str = "ORDERS", **more: str) -> TestResponse:
        return self.get(self.link(sc, **more))

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.form)
        assert found is not None, f"the page has no field {name}"
        return found[1]

    def send(self, **fields: str) -> TestResponse:
        """Send the page's form, filled in as usual unless the test says otherwise."""
        form = {
            "token": self.hidden("token"),
            "key": self.hidden("key"),
            "number": NUMBER,
            "when": "now",
            "pick": "own",
            "zone": "America/New_York",
            "pages": "[]",
            "consent": "yes",
            **fields,
        }
        answer = self.client.post(self.url, data={k: v for k, v in form.items() if v is not None})
        return answer if answer.status_code == 303 else self._see(answer)

    def ask(self, **fields: str) -> str:
        """Open a link and ask for a call; answers the request's id."""
        self.open()
        answer = self.send(**fields)
        assert answer.status_code == 303, answer.text
        return answer.location.rpartition("/")[2].partition("#")[0]

    @property
    def problem(self) -> str:
        """Code of the problem that the page shows, "" for none."""
        found = re.search(r'id="problem"[^>]*data-code="([^"]+)"', self.page)
        return found[1] if found else ""

    @property
    def refusal(self) -> str:
        """Code of the refusal page, "" when it is none."""
        found = re.search(r'class="sheet message" data-code="([^"]+)"', self.page)
        return found[1] if found else ""
