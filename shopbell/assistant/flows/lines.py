"""Lines of the flows: fixed wording, always true, the same on every channel."""

DOES = {
    "balance": "to hear how many points you have",
    "history": "to hear what moved on your account",
    "explain": "to hear how your last points were counted",
    "rewards": "to hear which rewards you can have",
    "redeem": "to redeem a reward",
    "card": "to hear how full your stamp card is",
    "referral": "your code for friends",
    "join": "to join the club",
    "usual": "to hear what your usual order is",
    "purchases": "to hear what you bought",
    "complaint": "to make a complaint",
    "callback": "to be called back",
    "feedback": "to give feedback",
    "optout": "to take a consent back",
    "contact": "to change your phone number or e-mail address",
    "order": "to hear where your order is",
    "knowme": "to hear what is kept about you",
    "advise": "a suggestion",
    "forgetme": "to be forgotten",
    "remember": "me to remember something",
    "unremember": "me to forget something I remember",
    "signin": "to sign in",
    "signout": "to sign out",
}
"""What each wish is, after "would you like"."""
SIGN_IN_FIRST = (
    "You would like {does}. I can do that once I know that it is you. Please press “Sign in” and type your "
    "number and PIN, or a one-time code from the counter; never in a message. Then say “go on”."
)
SIGN_IN_HOW = (
    "Press “Sign in” above. You need your phone number and your PIN; without a PIN, ask at the counter for a "
    "one-time code. Please never type either of them in a message."
)
PHONE = "phone"
"""The channel on which there is nothing to press but keys."""
PHONE_SIGN_IN_FIRST = (
    "You would like {does}. I can do that once I know that it is you. Please press star, then key in your "
    "number and your PIN; never say them. Then say: go on."
)
PHONE_SIGN_IN_HOW = (
    "Press star, then key in your phone number or card number, and your PIN. Without a PIN, ask at the "
    "counter for one. Please never say it."
)
LATER = "We were still at this:"
WHY = {
    "covered": "Secrets are covered by code before anybody, or any model, can read them.",
    "ask": "I do things only after you have heard exactly what, and said yes.",
    "tell": "This is what the shop's own rules and books say.",
    "done": "You said yes to exactly this.",
    "remembered": "You asked me to remember this, and agreed that I use it; I found nothing else about it.",
}
NO_MORE = "Beyond that I know nothing about it. Shall I get someone from the shop?"
