"""The telephone: SIP and RTP around the same session that the kiosk has."""
