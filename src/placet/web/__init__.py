"""The office in the browser: pages, the JSON API, sign-in. No rule is made here.

Whatever is asked goes to `operations`; whatever is shown is what `view` shows to the person who
looks. This process has no signing keys: the sequencer is another.
"""
