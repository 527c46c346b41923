"""A day's work: the server runs, customers ask, the owner backs up; by the commands everybody uses.

Run as `python -m shopbell.assistant.privacy.daywork PLACE SECONDS`, where PLACE holds `shop` and `data`.
"""

import math
import os
import subprocess
import sys
import time
import wave
from pathlib import Path

_MAY_FAIL = frozenset({"doctor", "talk"})
"""Doctor fails where something is amiss, and not every shop has the speech models."""
PORT = "8765"
"""Free, for the network is the day's own."""
_UP_S = 300.0
_WISHES = (
    "Hello",
    "When are you open on Saturday?",
    "How much is it?",
    "Can I bring something back?",
    "What do you have without milk?",
    "Do you repair grinders?",
    "Who won the cup in 1966?",
    "That's all, thank you",
)
"""What is asked, besides the shop's own questions."""
_ERRANDS = (
    ("talk", "--in", "TURN", "--out", "REPLY", "--shop", "SHOP"),
    ("doctor", "--shop", "SHOP"),
    ("privacy", "retention", "--now", "--shop", "SHOP"),
    ("privacy", "consents", "--shop", "SHOP"),
    ("backup", "USB", "--shop", "SHOP"),
)


def main() -> int:
    """Do the work and return an exit code."""
    place, seconds = Path(sys.argv[1]), float(sys.argv[2])
    serve = _command(place, "serve", str(place / "shop"), "--port", PORT)
    told = place / "serve.log"
    with told.open("wb") as log:
        server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=log)
    try:
        code = _talk(place)
        _make_turn(place / "turn.wav")
        for errand in _ERRANDS:
            code = code or _errand(place, errand)
        loaded = time.monotonic()
        while time.monotonic() - loaded < seconds:
            if server.poll() is not None:
                _say(f"the server ended with code {server.returncode}: {_last_words(told.read_bytes())}")
                return server.returncode or 1
            time.sleep(0.5)
    finally:
        server.terminate()
        server.wait(60)
    return code


def _talk(place: Path) -> int:
    """Let a customer ask all there is in one conversation; the models are loaded when it is over."""
    words = "\n".join((*_questions(place / "shop"), *_WISHES)) + "\n"
    chat = _command(place, "chat", "--shop", str(place / "shop"), "--wait", str(_UP_S))
    return subprocess.run(chat, input=words.encode(), stdout=subprocess.DEVNULL, check=False).returncode


def _questions(shop: Path) -> list[str]:
    lines = (line for path in sorted(shop.rglob("*.md")) for line in path.read_text("utf-8").splitlines())
    return [line.lstrip("# ").partition(" {#")[0] for line in lines if line.startswith("## ")][:12]


def _errand(place: Path, words: tuple[str, ...]) -> int:
    names = {"SHOP": "shop", "USB": "usb", "TURN": "turn.wav", "REPLY": "reply.wav"}
    named = {word: str(place / name) for word, name in names.items()}
    command = _command(place, *(named.get(word, word) for word in words))
    environ = os.environ | {"SHOPBELL_BACKUP_PASSPHRASE": "a day like any other"}
    done = subprocess.run(command, env=environ, capture_output=True, check=False)
    line = f"shopbell {' '.join(word for word in words[:2] if not word.startswith('-'))}"
    _say(f"done: {line}" if done.returncode == 0 else f"not done: {line}: {_last_words(done.stderr)}")
    return 0 if words[0] in _MAY_FAIL else done.returncode


def _last_words(told: bytes) -> str:
    lines = told.decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


def _make_turn(path: Path) -> None:
    """Write a second and a half of a hum for the speech models to hear."""
    rate = 16_000
    samples = (int(6_000 * math.sin(2 * math.pi * 180 * n / rate)) for n in range(rate * 3 // 2))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


def _command(place: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "shopbell.assistant.cli", "--data", str(place / "data"), *words]


if __name__ == "__main__":
    raise SystemExit(main())
