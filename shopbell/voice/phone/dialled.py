"""A leg that we open: somebody is rung. INVITE, answer or no answer, and no ringing that is left behind."""

import asyncio
from collections.abc import Callable

from aiosipua import Dialog, IncomingCall, SipRequest, SipResponse, parse_sdp
from aiosipua.auth import answer_challenge
from aiosipua.headers import stringify_uri
from aiosipua.sdp import serialize_sdp
from aiosipua.utils import generate_call_id, generate_tag

from shopbell.voice.phone.codecs import offered
from shopbell.voice.phone.exchange import REFUSED, Question
from shopbell.voice.phone.leg import CHALLENGES, Leg, Wires
from shopbell.voice.phone.sound import SoundSession
from shopbell.voice.phone.source import Address

ALLOWED = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, NOTIFY"


class NotAnswered(Exception):
    """Nobody took the call. The code is SIP's, 0 when it only rang."""

    def __init__(self, code: int) -> None:
        super().__init__(f"nobody took the call ({code})")
        self.code = code


class Dialled(Leg):
    """Rings `ring` until somebody answers; `hang_up` always comes after."""

    def __init__(self, wires: Wires, target: str, own: str, hop: Address) -> None:
        """Call the SIP address `target` as `own`, by way of `hop`."""
        dialog = Dialog(
            call_id=generate_call_id(wires.exchange.named[0]),
            local_tag=generate_tag(),
            local_uri=own,
            remote_uri=target,
            remote_target=target,
        )
        call = IncomingCall(
            dialog=dialog,
            invite=SipRequest(method="INVITE", uri=target),
            transport=wires.exchange.transport,
            source_addr=hop,
            advertised_addr=wires.exchange.named,
        )
        super().__init__(wires, call)
        self._question: Question | None = None

    async def ring(self, tick: Callable[[], None], seconds: float) -> SoundSession:
        """Ring for so long; `tick` is called every 20 ms once somebody answered.

        Raises NotAnswered, OSError when no port is free, ValueError when there is no common codec.
        """
        try:
            async with asyncio.timeout(seconds):
                response = await self._invited(seconds)
        except TimeoutError as error:
            raise NotAnswered(0) from error
        if response.status_code >= REFUSED:
            raise NotAnswered(response.status_code)
        self._confirm(response)
        self._call.sdp_offer = parse_sdp(response.text)
        await self._open(self._call.sdp_offer, tick)
        return self.sounding

    @property
    def replaces(self) -> str:
        """The address with which another takes this call's place (RFC 3891), for a REFER."""
        dialog = self._call.dialog
        tags = f"%3Bto-tag%3D{dialog.remote_tag}%3Bfrom-tag%3D{dialog.local_tag}"
        return f"{dialog.remote_target}?Replaces={dialog.call_id.replace('@', '%40')}{tags}"

    async def hang_up(self) -> None:
        """Stop the ringing or say BYE, and give everything back."""
        question = self._question
        if question is not None and not question.final.done():
            question.given_up, question.late = True, self._too_late
            await self._exchange.ask(self._cancel(question.request), question.addr)
        await super().hang_up()

    # --- inside --------------------------------------------------------------------------------------------

    async def _invited(self, seconds: float) -> SipResponse:
        """Return the final answer to our INVITE; a question for the password is answered once."""
        response = await self._put(seconds, {})
        auth, asked = self.wires.auth, self._call.invite
        if response.status_code in CHALLENGES and auth is not None:
            proof = answer_challenge(auth, response, response.status_code, "INVITE", asked.uri)
            if proof is not None:
                return await self._put(seconds, {proof[0]: proof[1]})
        return response

    async def _put(self, seconds: float, headers: dict[str, str]) -> SipResponse:
        invite = self._build("INVITE", {"Allow": ALLOWED, "Expires": str(round(seconds)), **headers})
        invite.text = serialize_sdp(offered(self.wires.codecs, self._exchange.named[0], self._lend()))
        invite.headers.set_single("Content-Type", "application/sdp")
        self._call.invite = invite
        self._question = self._exchange.begin(invite, self._call.source_addr)
        return await self._exchange.answer_to(self._question)

    def _confirm(self, response: SipResponse) -> None:
        """Take the answer: from now on it is a call like any other."""
        dialog, to = self._call.dialog, response.to_addr
        dialog.remote_tag = (to.tag if to is not None else None) or ""
        if response.contact:
            dialog.remote_target = stringify_uri(response.contact[0].uri)
        dialog.route_set = list(reversed(response.headers.get("record-route")))
        dialog.confirm()
        ack = self._build("ACK", {})
        cseq = self._call.invite.cseq
        ack.headers.set_single("CSeq", f"{cseq.seq if cseq else 1} ACK")
        self._exchange.transport.send(ack, self._call.source_addr)
        if self._question is not None:
            self._question.ack = ack
        self._exchange.stand(self._call, self)

    def _too_late(self, response: SipResponse) -> None:
        """Answer who took the call when we had given it up."""
        self._confirm(response)
        self._exchange.forget(self._call.call_id)
        self._exchange.transport.send(self._build("BYE", {}), self._call.source_addr)

    def _cancel(self, invite: SipRequest) -> SipRequest:
        """Return the CANCEL of an INVITE: of its own transaction (RFC 3261, 9.1)."""
        cancel = SipRequest(method="CANCEL", uri=invite.uri)
        cancel.headers.append("Via", invite.headers.get("via")[0])
        for name in ("From", "To", "Call-ID", "Max-Forwards"):
            cancel.headers.set_single(name, invite.get_header(name) or "")
        cseq = invite.cseq
        cancel.headers.set_single("CSeq", f"{cseq.seq if cseq else 1} CANCEL")
        return cancel
