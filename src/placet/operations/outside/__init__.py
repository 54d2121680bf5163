"""What outsiders do without the register: check permits and receipts, and cosign checkpoints.

Nothing here needs more than files and public keys (DESIGN §4).
"""
