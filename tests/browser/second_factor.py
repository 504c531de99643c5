"""A care worker adds a passkey of her own, and signs in with it: the browser plays the phone that holds the key."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import chain
from tests.browser.looking import faults_of
from tests.browser.running import Tenfold

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def she_adds_a_passkey_and_signs_in_with_it(browser: Browser, tenfold: Tenfold) -> None:
    """A key belongs to a name and not to a number, so the pages are asked for at localhost."""
    base = tenfold.base_url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=base, viewport={"width": 390, "height": 844})
    page = context.new_page()
    phone = context.new_cdp_session(page)
    phone.send("WebAuthn.enable")
    phone.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    faults = []
    chain.sign_in(page, "grace@riversidemoors.example")
    page.get_by_role("link", name="Your sign-in").click()
    faults += faults_of(page)
    page.get_by_role("button", name="Add a key or passkey").click()
    page.get_by_label("Name of the key").fill("My phone")
    faults += faults_of(page)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    faults += faults_of(page)
    page.goto("/accounts/second-factor/app/")
    faults += faults_of(page)

    page.get_by_role("button", name="Sign out").click()
    chain.sign_in(page, "grace@riversidemoors.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second way to sign in")
    faults += faults_of(page)
    page.get_by_role("button", name="Use your security key or passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My training")
    context.close()
    assert faults == []
