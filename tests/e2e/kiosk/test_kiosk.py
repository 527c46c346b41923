"""The kiosk in a real browser: speaking, interrupting, typing, clearing, going on on a phone."""

import json

import pytest
from playwright.async_api import CDPSession, expect

from shopbell.assistant import events as e
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer, Turn
from tests.e2e.kiosk.conftest import Open
from tests.fakes.speech import ScriptedSpeech

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="function")]

LONG = " ".join(f"This is sentence number {n}, and it takes a while to say it." for n in range(12))

TAP = """
window.heldAt = []; window.loudAt = [];
const Real = window.AudioWorkletNode;
window.AudioWorkletNode = class extends Real {
  constructor(context, name, options) {
    super(context, name, options);
    if (name === "mouth") {
      const meter = new AnalyserNode(context, { fftSize: 512 });
      this.connect(meter);
      const wave = new Float32Array(512);
      let loud = false;
      setInterval(() => {
        meter.getFloatTimeDomainData(wave);
        const now = wave.some((one) => Math.abs(one) > 0.01);
        if (loud && !now) window.heldAt.push(performance.now());
        loud = now;
      }, 4);
    } else {
      const post = this.port;
      let was = false;
      const plain = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
      Object.defineProperty(post, "onmessage", { set(handler) {
        plain.set.call(post, (event) => {
          const now = new Int16Array(event.data).some((one) => Math.abs(one) > 500);
          if (now && !was) window.loudAt.push(performance.now() - 32);
          was = now;
          handler(event);
        });
      } });
    }
  }
};
"""


def told(turn: Turn) -> list[Answer]:
    return [Answer(text=LONG if "return" in turn.text else "An exchange is fine.", rung="faq")]


async def test_barge_in_stops_the_sound_and_the_log_holds_what_was_heard(kiosk: Open) -> None:
    """Speaking into a reply silences it within 200 ms; of the reply only what was heard stays."""
    heard = (("silence", 11.0), ("speech", 1.5), ("silence", 7.0), ("speech", 1.5), ("silence", 60.0))
    speech = ScriptedSpeech("Can I return it?", "No wait, I mean an exchange.")
    async with kiosk(heard=heard, speech=speech, script=told) as one:
        await one.page.add_init_script(TAP)
        await one.begin()
        await expect(one.page.locator("#log .mine").nth(1)).to_contain_text("exchange", timeout=90_000)
        await expect(one.page.locator("#log")).to_contain_text("An exchange is fine.")
        stopped, loud = await one.page.evaluate("[window.heldAt, window.loudAt]")
        second = loud[-1]
        delay = min(at - second for at in stopped if at >= second)
        assert delay <= 200, f"{delay:.0f} ms"
        log = EventLog(one.parlour.engine)
        (conversation,) = log.recent()
        events = [entry.event for entry in log.read(conversation)]
        cut = next(event for event in events if isinstance(event, e.CutOff))
        assert LONG.startswith(cut.text)
        assert 0 < len(cut.text) < len(LONG) * 0.8
        one.check()


async def test_typing_works_and_clear_now_leaves_nothing(kiosk: Open) -> None:
    """Typed words are answered; after "clear now" page, storage and browser hold none of them."""
    async with kiosk() as one:
        await one.begin()
        await one.type("My secret is CANARY-7f3a")
        await expect(one.page.locator("#log")).to_contain_text("About My secret is CANARY-7f3a")
        await one.page.get_by_role("button", name="Clear now").click()
        await expect(one.page.get_by_role("button", name="Touch to start")).to_be_visible()
        assert "CANARY" not in await one.page.content()
        storage = await one.page.evaluate(
            "(async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie,"
            " await caches.keys(), await indexedDB.databases()]))()"
        )
        assert "CANARY" not in storage
        client = await one.page.context.new_cdp_session(one.page)
        assert "CANARY" not in await heap(client)
        one.check()


async def heap(client: CDPSession) -> str:
    """Return all of the page's memory as the browser's own snapshot has it."""
    parts: list[str] = []
    client.on("HeapProfiler.addHeapSnapshotChunk", lambda event: parts.append(event["chunk"]))
    await client.send("HeapProfiler.collectGarbage")
    await client.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    return json.dumps(json.loads("".join(parts))["strings"])


async def test_without_a_microphone_it_answers_by_text(kiosk: Open) -> None:
    """A refused microphone has its own screen, and typing goes on."""
    async with kiosk(allow=False) as one:
        await one.page.goto(f"http://{one.host}/kiosk")
        await one.page.get_by_role("button", name="Touch to start").click()
        await expect(one.page.get_by_role("heading", name="I cannot use the microphone")).to_be_visible()
        await one.page.get_by_role("button", name="Close").click()
        await one.type("Do you deliver?")
        await expect(one.page.locator("#log")).to_contain_text("About Do you deliver?")


async def test_the_conversation_goes_to_a_phone_once(kiosk: Open) -> None:
    """The QR code's address opens the conversation on another device, once; the kiosk is clear then."""
    async with kiosk() as one:
        await one.begin()
        await one.type("Do you deliver?")
        await expect(one.page.locator("#log")).to_contain_text("About Do you deliver?")
        await one.page.get_by_role("button", name="To my phone").click()
        await expect(one.page.get_by_alt_text("QR code")).to_be_visible()
        (code,) = one.parlour.kiosk.handoffs._open
        browser = one.page.context.browser
        assert browser is not None
        phone = await browser.new_context(viewport={"width": 390, "height": 844})
        page = await phone.new_page()
        await page.goto(f"http://{one.host}/kiosk/phone#{code}")
        await expect(page.locator("#log")).to_contain_text("About Do you deliver?")
        await expect(one.page.locator("#lead")).to_contain_text("went to your phone")
        again = await (await browser.new_context()).new_page()
        await again.goto(f"http://{one.host}/kiosk/phone#{code}")
        await expect(again.locator("#outcome")).to_contain_text("used already")


async def test_the_server_starting_again_loses_no_word(kiosk: Open) -> None:
    """While the line is down the page says so; what was typed meanwhile is answered afterwards."""
    async with kiosk() as one:
        await one.begin()
        await one.page.evaluate(
            "() => { const send = WebSocket.prototype.send; window.cut = () => {"
            " WebSocket.prototype.send = function () { this.close(); }; };"
            " window.mend = () => { WebSocket.prototype.send = send; }; }"
        )
        await one.page.evaluate("window.cut()")
        await one.type("Do you deliver?")
        await expect(one.page.locator("#banner")).to_contain_text("starting again")
        await one.page.evaluate("window.mend()")
        await expect(one.page.locator("#log")).to_contain_text("About Do you deliver?")
        await expect(one.page.locator("#banner")).to_be_hidden()
